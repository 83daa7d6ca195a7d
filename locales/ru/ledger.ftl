# Бухгалтерские страницы: карточки счетов, проводки, обороты, выручка
book-consumer = Расчёты с плательщиками
book-reserve = Резервы заказов
book-revenue = Выручка
book-bank = Банк
book-cash = Касса
book-suspense = Невыясненные платежи
book-opening = Начальные остатки
book-worker = Расчёты с исполнителями
book-works = Доход с нарядов
book-payroll = Выплаты исполнителям
book-worker-of = Исполнитель: { $name }
book-consumer-of = Лицевой счёт { $number }
book-reserve-of = Резерв счёта { $number }
book-revenue-of = Выручка: { $service }
book-debit = Дебет
book-credit = Кредит

transfer-charge = Начислено
transfer-correction = Исправление начисления
transfer-payment = Оплата
transfer-match = Опознан платёж
transfer-refund = Возврат денег
transfer-deposit = Пополнение
transfer-transfer = Перевод между счетами
transfer-reserve = Отложено на заказ
transfer-release = Возвращено с заказа
transfer-capture = Оказана услуга
transfer-opening = Начальный остаток
transfer-reversal = Сторно
transfer-fee = Сбор за наряд
transfer-reward = Вознаграждение за наряд
transfer-payout = Выплата исполнителю

posting-title = Проводка № { $number }
posting-number = №
posting-date = Дата
posting-booked = Проведена
posting-kind = Операция
posting-amount = Сумма, ₽
posting-memo = Примечание
posting-who = Кто
posting-by-program = программа
posting-sides = Откуда и куда
posting-why = Почему
posting-key = Ключ
posting-reverses = Сторнирует
posting-reversed = сторнирована
posting-reversed-by = Сторнирована
posting-about-payment = Оплата № { $number }
posting-told-to = Перевод на счёт { $number }
posting-told-from = Перевод со счёта { $number }
posting-chain = Место в цепочке
posting-chain-text = Отпечаток вычислен из всех данных проводки и отпечатка перед ней: изменить что-либо незаметно нельзя.
posting-position = Номер в цепочке
posting-hash = Отпечаток
posting-hash-before = Отпечаток перед ней
posting-hash-first = первая в цепочке
posting-unsealed = Место в цепочке появится через секунду-другую

statements-title = Карточки лицевых счетов
statement-title = Карточка счёта { $number }
statement-parts = Части счёта
statement-main = Основной
statement-reserve = Резерв
statement-what = Операция
statement-why = Основание
statement-running = Сальдо, ₽
statement-opening = Сальдо на начало { $date }
statement-closing = Сальдо на конец { $date }
statement-debit = Обороты по дебету
statement-credit = Обороты по кредиту
statement-owed = долг { $sum }
statement-ahead = аванс { $sum }
statement-empty-title = Операций не было
statement-empty-text = За эти дни по счёту ничего не проходило. Выберите другие даты.

journal-title = Журнал проводок
journal-count = { $n ->
    [one] { $n } проводка
    [few] { $n } проводки
   *[other] { $n } проводок
  }
journal-count-open = Больше { $n } проводок
journal-least = Сумма от
journal-most = Сумма до
journal-empty-title = Проводок ещё нет
journal-empty-text = Они появятся с первым утверждённым месяцем, оплатой или заказом.

turnover-title = Оборотно-сальдовая ведомость
turnover-sub = По видам счетов учёта
turnover-days = с { $from } по { $until }
turnover-book = Счёт учёта
turnover-opening = Сальдо на начало
turnover-moved = Обороты
turnover-closing = Сальдо на конец
turnover-total = Итого
turnover-balanced = Дебет и кредит сходятся
turnover-not-balanced = Дебет и кредит не сходятся: запустите проверку установки

revenue-title = Выручка по услугам
revenue-sub = То, что признано по проводкам: начислено, исправлено, оказано по заказам, за вычетом сторно
revenue-total = Всего
revenue-items = Заказы
revenue-by-month = По месяцам, ₽
revenue-of-month = Выручка за { $month }
revenue-none = За этот месяц выручки нет.
revenue-empty-title = Выручки за этот год нет
revenue-empty-text = Она появится с первым утверждённым месяцем или оказанным заказом.
