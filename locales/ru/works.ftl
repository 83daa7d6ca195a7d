# Наряды: кому достались, сколько стоят и приносят, что выплачено
area-work-orders = Наряды
area-workers = Заработок
area-payouts = Выплаты
area-works = Доход с нарядов
group-works = Наряды

work-orders-title = Наряды
work-orders-mine = Мои наряды
work-orders-count = { $n ->
    [one] { $n } наряд
    [few] { $n } наряда
   *[other] { $n } нарядов
  }
work-orders-search = Название, номер заявки
work-orders-empty-title = Нарядов пока нет
work-orders-empty-text = Наряд может завести любой сотрудник. Исполнитель и цены выбираются по жребию сразу.
work-orders-none-open = Открытых нарядов у вас нет.
work-orders-none-here = Открытых нарядов здесь нет.
work-orders-open-count = { $n ->
    [one] { $n } открытый наряд
    [few] { $n } открытых наряда
   *[other] { $n } открытых нарядов
  }
import-undo-works = { $n ->
    [one] { $n } наряд на этих участках и счётчиках
    [few] { $n } наряда на этих участках и счётчиках
   *[other] { $n } нарядов на этих участках и счётчиках
  }
work-orders-recent = Недавно исполненные
work-order-title-of = Наряд № { $number }
work-order-new = Новый наряд
work-order-number = Наряд №
work-order-name = Что сделать
work-order-name-hint = Коротко; квадратных скобок здесь нет, номер заявки — отдельно
work-order-brackets = Уберите квадратные скобки: номер заявки пишется в своём поле ниже
work-order-ticket = Номер заявки
work-order-ticket-hint = Например, UBERPOP-42
work-order-text = Подробности
work-order-site = Объект
work-order-label = Участок
work-order-label-hint = Номер, как на карточке: 3-12-7. Наряд достанется тому, кому виден этот объект
work-order-no-premise = Такого участка на этом объекте нет
work-order-open = Выдать наряд
work-order-opened = Наряд выдан: { $worker }
work-order-consequence = Исполнитель выберется по жребию. С его счёта спишется сбор, за исполнение начислится вознаграждение.
work-order-worker = Исполнитель
work-order-creator = Кто выдал
work-order-by-program = программа
work-order-created = Выдан
work-order-done-at = Исполнен
work-order-fee = Сбор
work-order-reward = Вознаграждение
work-order-fee-column = Сбор, ₽
work-order-reward-column = Вознаграждение, ₽
work-order-state = Состояние
work-order-state-open = Открыт
work-order-state-done = Исполнен
work-order-about = О наряде
work-order-money = Деньги наряда
work-order-log = Что происходило
work-order-note = Что сделано
work-order-note-hint = Увидит тот, кто выдал наряд
work-order-complete = Отметить исполненным
work-order-completed = Наряд исполнен, начислено { $sum }
work-order-earns = за исполнение { $sum }
work-order-step-created = Создан
work-order-step-assigned = Назначен: { $name }
work-order-step-reassigned = Передан: { $name }
work-order-step-completed = Исполнен: { $name }
work-order-cause = Повод
work-order-cause-seal = Сорвана или пропала пломба
work-order-cause-stopped = Счётчик стоит
work-order-cause-verification = Поверка просрочена
work-order-meter = Счётчик
work-order-meter-of = № { $serial }
work-order-at-premise = Открытые наряды
work-order-no-worker = Некому выдать: нет контролёра, который может войти и видит этот объект
work-order-done-already = Наряд уже исполнен
work-order-not-yours = Наряд у другого исполнителя
work-order-changed = Пока вы смотрели, открытые наряды или исполнители изменились. Ниже новый жребий: проверьте и подтвердите.
work-order-key-reused = Эта форма уже отправлена с другими данными: проверьте и отправьте ещё раз
work-order-refused-by-ledger = Учёт не принял эту операцию
work-order-seal-title = Заменить пломбу счётчика { $serial }
work-order-stopped-title = Счётчик { $serial } стоит: проверить
work-order-stopped-somewhere-title = Счётчик на участке стоит: проверить
work-order-open-already = Такой наряд уже открыт
work-order-verification-title = Счётчик { $serial }: просрочена поверка

reshuffle-title = Перераспределение
reshuffle-open = Перераспределить
reshuffle-sub = Каждый открытый наряд получает исполнителя по новому жребию. Сбор платит только тот, к кому наряд перешёл.
reshuffle-of = { $n ->
    [one] из { $n } открытого наряда
    [few] из { $n } открытых нарядов
   *[other] из { $n } открытых нарядов
  }
reshuffle-changed = сменят исполнителя
reshuffle-charged = спишется сборов
reshuffle-people = Кто что теряет и получает
reshuffle-orders = Наряды, которые сменят исполнителя
reshuffle-has = Сейчас
reshuffle-loses = Отдаёт
reshuffle-gets = Получает
reshuffle-pays = Спишется, ₽
reshuffle-from = От кого
reshuffle-to = Кому
reshuffle-do = Подтвердить жребий
reshuffle-again = Бросить жребий снова
reshuffle-done = Нарядов сменило исполнителя: { $changed }, списано сборов { $sum }
reshuffle-nothing-open-title = Перераспределять нечего
reshuffle-nothing-open-text = Открытых нарядов нет.
reshuffle-same = Этот жребий оставляет все наряды там, где они есть.

workers-title = Заработок исполнителей
workers-mine = Мой счёт
workers-balance = Баланс, ₽
workers-my-balance = к выплате
workers-my-debt = ниже нуля
workers-payday = Выплата каждый день в полночь, если баланс больше нуля. Отрицательный переходит на завтра.
workers-open = Открытых нарядов
workers-entries = Операции
workers-entries-count = { $n ->
    [one] { $n } операция
    [few] { $n } операции
   *[other] { $n } операций
  }
workers-balances = Балансы
workers-day = День
workers-sum = Сумма, ₽
workers-today = доход компании сегодня
workers-period = доход за период
workers-day-sum = итог за день { $sum }
workers-by-day = Доход компании по дням
workers-empty-title = Операций нет
workers-empty-text = За эти дни ни сборов, ни вознаграждений, ни выплат не было.
workers-none = Исполнителей нет: наряды получают контролёры.
workers-blocked = заблокирован

payouts-title = Выплаты
payouts-count = { $n ->
    [one] { $n } выплата
    [few] { $n } выплаты
   *[other] { $n } выплат
  }
payouts-sum = { $number } на { $sum }
payouts-waiting = ждут одобрения
payouts-empty-title = Выплат ещё не было
payouts-empty-text = Каждую полночь всем, у кого баланс больше нуля, он выплачивается полностью.
payout-of = Выплата № { $number }
payout-day = За день
payout-made = Создана
payout-decided = Решение
payout-make = Выплатить за день
payout-make-hint = Тем, кому за этот день ещё не платили; баланс станет нулевым
payout-done = { $n ->
    [one] Оформлена { $n } выплата
    [few] Оформлено { $n } выплаты
   *[other] Оформлено { $n } выплат
  }
payout-approve = Одобрить
payout-decline = Отклонить
payout-approved = Выплачено { $sum }: { $worker }
payout-declined = Выплата отклонена, деньги остались на счёте: { $worker }
payout-state-waiting = Ждёт одобрения
payout-state-paid = Выплачено
payout-state-declined = Отклонено
payout-future = Этот день ещё не наступил
payout-not-waiting = По этой выплате уже решили
payout-same-person = Одобрить должен другой человек: не тот, кто начал выплату, и не тот, кому она
payout-less-left = На счёте исполнителя осталось меньше. Отклоните: остаток войдёт в следующую выплату

works-title = Доход с нарядов
works-sub = Сборы минус вознаграждения
works-today = заработано сегодня
works-week = за семь дней
works-month = за этот месяц
works-below-zero = исполнителей в минусе
works-fees = Сборы, ₽
works-rewards = Вознаграждения, ₽
works-earnings = Доход, ₽
works-chart-fees = Сборы по дням
works-chart-rewards = Вознаграждения по дням
works-days = По дням
works-dearest = Самый дорогой исполненный наряд
works-dearest-day = За день { $day }
works-dearest-week = За неделю { $from } – { $until }
works-dearest-month = За месяц
works-dearest-none = ничего не исполнено
works-until = По день
works-from = С дня
works-empty-title = Нарядов за эти дни не было
works-empty-text = Доход появится с первым выданным нарядом.

works-terms = Наряды
works-terms-sub = Цены наряда выбираются по жребию между этими границами, один раз на всю его жизнь.
works-payout-limit-hint = Выплата больше этой суммы ждёт одобрения второго человека; пусто — без ограничения
works-causes-hint = Когда контролёр увидит это на участке, наряд откроется сам
works-limit-below = Верхняя граница меньше нижней
field-works_fee_least = Сбор от
field-works_fee_most = Сбор до
field-works_reward_least = Вознаграждение от
field-works_reward_most = Вознаграждение до
field-works_payout_limit = Выплата без одобрения до
field-works_causes = Что само открывает наряд
payout-letter-subject = Выплата { $sum } за { $day }
payout-letter-text = { $name }, вам выплачено { $sum } за { $day }.

    Из чего она сложилась, видно на странице нарядов, в разделе «Мой счёт».
