dashboard-title = Сегодня
dashboard-mine = Мои обходы
dashboard-in-review = ждут проверки
dashboard-nothing-waits = Всё проверено
dashboard-read = участков обойдено
dashboard-percent = { $percent } %, осталось { $left }
dashboard-overdue = поверка просрочена
dashboard-due-soon = { $n ->
    [one] ещё { $n } счётчик за 90 дней
    [few] ещё { $n } счётчика за 90 дней
   *[many] ещё { $n } счётчиков за 90 дней
}
dashboard-premises = участков
dashboard-contracts = { $n ->
    [one] { $n } действующий договор
    [few] { $n } действующих договора
   *[many] { $n } действующих договоров
}
dashboard-used-water = Расход воды по месяцам
dashboard-used-electricity = Расход электроэнергии по месяцам
dashboard-used-at = { $unit }, посчитано { $when }
dashboard-unit-water = м³
dashboard-unit-electricity = кВт·ч
dashboard-month = Месяц
dashboard-coverage = Обход по массивам
dashboard-rounds = Обходы
dashboard-no-round = Обход ещё не назначен.
dashboard-empty-title = Начните с объекта
dashboard-empty-text = Объект — это территория кооператива или дом. Потом загрузите реестр из таблицы: участки, собственников, счётчики.
dashboard-empty-action = Завести объект
dashboard-left = { $n ->
    [0] всё обойдено
    [one] остался { $n } участок
    [few] осталось { $n } участка
   *[many] осталось { $n } участков
}
dashboard-revisit = { $n ->
    [one] { $n } участок зайти ещё раз
    [few] { $n } участка зайти ещё раз
   *[many] { $n } участков зайти ещё раз
}
dashboard-walk = Идти в обход
dashboard-no-rounds-title = Обходов нет
dashboard-no-rounds-text = Когда вам назначат обход, он появится здесь.
dashboard-debt = долг плательщиков
dashboard-received = получено за месяц
