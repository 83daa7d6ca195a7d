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
letter-greeting = Здравствуйте, { $name }!
letter-account = { $label }, лицевой счёт { $number }
letter-bill = – { $month }, квитанция { $number }: { $sum }, оплатить до { $due }
letter-other = – прежний долг на { $date }: { $sum }
letter-reminder-subject = Напоминание: { $sum } на { $date }
letter-reminder-owed = Напоминаем: на { $date } за вами { $sum }:
letter-reminder-please = Если вы уже заплатили, спасибо, и не обращайте внимания на это письмо. Если нет, пожалуйста, оплатите.
letter-debt_letter-subject = Задолженность { $sum } на { $date }
letter-debt_letter-owed = На { $date } за вами числится долг { $sum }:
letter-debt_letter-please = Пожалуйста, оплатите его. Если вы уже заплатили, ответьте на это письмо: мы найдём платёж.
letter-pre_court-subject = Претензия: долг { $sum } на { $date }
letter-pre_court-owed = На { $date } за вами числится долг { $sum }, который вы не оплатили после наших прежних писем:
letter-pre_court-please = Просим оплатить его до { $until }. Если долг не будет оплачен, мы обратимся в суд; к долгу добавятся пени и судебные расходы. Если вам трудно заплатить сразу, позвоните нам: договоримся о рассрочке.
letter-details = Куда платить: { $name }, ИНН { $inn }, р/с { $account } в { $bank }, БИК { $bic }
notices-title = Письма должникам
notices-text = Каждому - следующее письмо: напоминание, письмо о долге, претензия
notices-new = Новая рассылка
notices-kind = Письмо
notices-kind-hint = Без выбора каждый получит следующее по порядку
notices-next-step = Следующее по порядку
notice-kind-reminder = Напоминание
notice-kind-debt_letter = Письмо о долге
notice-kind-pre_court = Претензия
notices-least = Долг от
notices-step-days = Дней между письмами
notices-step-hint = Кому писали позже, тем не пишем
notices-look = Посмотреть, кому
notices-preview = Что будет
notices-by-email = По почте
notices-on-paper = На бумаге
notices-left-alone = Не пишем: обещали или просили
notices-not-yet = Не пишем: недавно получили
notices-debt = Сумма долгов
notices-write = { $n ->
    [one] Написать { $n } письмо
    [few] Написать { $n } письма
   *[many] Написать { $n } писем
}
notices-sample = Первое письмо
notices-empty-title = Писем ещё не было
notices-empty-text = Посмотрите, кому и что будет отправлено, потом отправляйте.
notices-rounds = Рассылки
notices-when = Когда
notices-who = Кто
notices-schedule = по расписанию
notices-written = Писем
notices-paper = Из них на бумаге
notices-print = Напечатать бумажные
notices-sub = { $when }, { $who }
notices-none-title = Писать некому
notices-none-text = Все заплатили, обещали заплатить или недавно получили письмо.
notices-of-person = Письма
notices-of-person-none = Писем не было
notice-sent-at = Отправлено { $when }
notice-paper = На бумаге
plan-title = Рассылка по расписанию, { $site }
plan-off = Сейчас письма отправляются только вручную.
plan-on = Письма пишутся сами { $day }-го числа каждого месяца в 10 часов; председателю и управляющим приходят итоги.
plan-day = Число месяца
plan-is-on = Писать по расписанию
plan-save = Сохранить расписание
marks-title = Обещания и просьбы
marks-none = Ничего не отмечено
mark-kind = Что отметить
mark-until = Не писать до
mark-note = Заметка
mark-save = Отметить
mark-remove = Снять
mark-past = Этот день уже прошёл
debtor-mark-promise = Обещал заплатить
debtor-mark-leave_alone = Просил не беспокоить
debtor-mark-promise-until = Обещал заплатить до { $date }
debtor-mark-leave_alone-until = Не беспокоить до { $date }
totals-subject = { $site }: долги на { $date }
totals-owed = { $people }, долг { $sum }. Больше всех должны:
totals-line = { $name }: { $sum }
