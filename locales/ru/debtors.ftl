# Долги и должники
debtors-title = Должники
debtors-count = { $n ->
    [one] { $n } человек
    [few] { $n } человека
   *[many] { $n } человек
}
debtors-sum = { $people }, долг { $sum }
debtors-search = Имя, телефон, участок
debtors-late = Просрочено
debtors-least = Долг от, ₽
debtors-empty-title = Никто не должен
debtors-empty-text = Здесь появятся те, у кого есть неоплаченные квитанции, как только будет утверждён первый месяц.
debtor-late-0 = Хоть на день
debtor-late-30 = Больше 30 дней
debtor-late-60 = Больше 60 дней
debtor-late-90 = Больше 90 дней
debtor-name = Плательщик
debtor-debt = Долг, ₽
debtor-debt-all = Долг всего
debtor-to-30 = До 30 дней
debtor-to-60 = 31–60 дней
debtor-to-90 = 61–90 дней
debtor-over-90 = Больше 90 дней
debtor-not-due = срок не наступил: { $sum }
debtor-not-due-column = Срок не наступил
debtor-oldest = Не оплачено с
debtor-paid = Последняя оплата
debtor-never-paid = Оплат не было
debtor-premises = { $n ->
    [one] { $n } участок
    [few] { $n } участка
   *[many] { $n } участков
}
debtor-premises-column = Участков с долгом
debtor-owner = Карточка собственника
debtor-premise = Участок
debtor-none-text = Всё, что выставлено, оплачено.
debt-title = Долг
debt-owed = Долг { $sum }
debt-ahead = Оплачено вперёд { $sum }
debt-none = Долга нет
debt-other = Прежний долг и прочее
debt-last-paid = Последняя оплата { $sum }, { $date }
debt-by-bill = По квитанциям
debt-without-bill = без квитанции
debt-bill = Квитанция
debt-month = За что
debt-due = Оплатить до
debt-late = { $n ->
    [one] просрочено { $n } день
    [few] просрочено { $n } дня
   *[many] просрочено { $n } дней
}
debt-not-late = срок не наступил
debt-total = Итого
letter-subject = Задолженность { $sum } на { $date }
letter-greeting = Здравствуйте, { $name }!
letter-owed = На { $date } за вами числится долг { $sum }:
letter-account = { $label }, лицевой счёт { $number }
letter-bill = – { $month }, квитанция { $number }: { $sum }, оплатить до { $due }
letter-other = – прежний долг на { $date }: { $sum }
letter-please = Пожалуйста, оплатите его. Если вы уже заплатили, ответьте на это письмо: мы найдём платёж.
