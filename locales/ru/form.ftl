form-required = Заполните это поле
form-too-long = Не длиннее { $longest } знаков
form-choose = Выберите из списка
form-not-a-date = Введите дату, например 20.11.2026
form-not-a-month = Введите месяц, например 2026-11
form-not-a-number = Введите число, например 1234,5
form-negative = Число не может быть отрицательным
form-too-fine = Не больше { $decimals ->
    [one] { $decimals } знака
   *[other] { $decimals } знаков
  } после запятой
form-not-positive = Введите сумму больше нуля
form-too-large = Слишком большое число
form-not-between = Введите целое число от { $least } до { $most }
form-save = Сохранить
form-cancel = Отмена
form-optional = необязательно
form-key-broken = Форма повреждена: отправьте её ещё раз
