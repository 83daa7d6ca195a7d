# Оболочка страниц
shell-areas = Разделы
shell-menu = Меню
shell-skip = Перейти к содержанию
shell-site = Объект
shell-search = Участок или имя
shell-search-label = Поиск по участкам, собственникам и счётчикам
shell-language = Сменить язык
shell-theme-change = Сменить оформление
shell-theme-auto = Авто
shell-theme-light = День
shell-theme-dark = Ночь
shell-sign-out = Выйти
shell-about = Учёт счётчиков и показаний
shell-insecure = Соединение без шифрования: работайте так только в своей сети.
shell-offline = Нет связи, записи хранит телефон
shell-other-language = English
print-now = Напечатать
print-back = Назад

# Разделы
area-dashboard = Сегодня
area-rounds = Обходы
area-review = Проверка
area-readings = Показания
area-meters = Счётчики
area-premises = Участки
area-owners = Собственники
area-contracts = Договоры
area-accounts = Лицевые счета
area-sites = Объекты
area-billing = Начисления
area-tariffs = Тарифы
area-imports = Загрузка
area-reports = Отчёты
area-jobs = Задания
area-admin = Установка
area-staff = Сотрудники
area-audit = Журнал
group-work = Работа
group-estate = Реестр
group-money = Деньги
group-data = Данные
group-admin = Управление

# Нижняя строка телефона
bar-round = Обход
bar-search = Поиск
bar-queue = На телефоне
bar-more = Ещё
shell-rehearsal = Репетиция: на часах { $moment }
area-orders = Заказы
area-services = Прейскурант
