sites-title = Объекты
site-new = Новый объект
site-new-title = Новый объект
site-name = Название
site-name-hint = Как в документах: СНТ «Морской бриз»
site-name-taken = Объект с таким названием уже есть
site-kind = Вид
site-kind-garden = Садоводство
site-kind-building = Дом
site-address = Адрес
site-zone = Часовой пояс
site-checks = Проверка показаний
site-checks-hint = Показание, которое выходит за эти границы, получит отметку и попадёт на проверку.
site-high = Много: больше обычного, %
site-low = Мало: меньше обычного, %
site-zero = Нет расхода, месяцев
site-created = Объект заведён. Теперь загрузите участки из таблицы или заведите по одному.
site-saved = Объект сохранён
premises-title = Участки
premises-count = { $n ->
    [one] { $n } участок
    [few] { $n } участка
   *[many] { $n } участков
}
premises-search = Номер, фамилия, телефон, счётчик
premises-with-owner = Есть
premises-without-owner = Нет
premises-empty-title = Участков ещё нет
premises-empty-text = Загрузите реестр из старой таблицы: участки, собственники и счётчики появятся сразу.
premises-empty-action = Загрузить таблицу
premise-title = Участок { $label }
premise-new = Новый участок
premise-new-title = Новый участок
premise-needs-site = Сначала заведите объект.
premise-label = Участок
premise-label-hint = Массив, линия и номер: 3-12-7. Подойдёт и любое другое обозначение
premise-label-taken = Участок с таким номером уже есть
premise-kind = Вид
premise-kind-plot = Участок
premise-kind-apartment = Квартира
premise-area = Площадь, м²
premise-area-value = { $area } м²
premise-note = Заметка
premise-array = Массив { $array }
premise-array-label = Массив
premise-contracts = Договоры
premise-no-contracts = Договоров нет
premise-read = Снято
premise-meters = Счётчики
premise-owners = Собственники
premise-photos = Фото
premise-state-ended = Закрыт
premise-end = Закрыть участок
premise-reopen = Вернуть участок
premise-created = Участок заведён
premise-saved = Участок сохранён
premise-ended = Участок закрыт с сегодняшнего дня
premise-reopened = Участок снова действует
owners-title = Собственники
owners-count = { $n ->
    [one] { $n } собственник
    [few] { $n } собственника
   *[many] { $n } собственников
}
owners-search = Фамилия, имя или телефон
owners-empty-title = Собственников ещё нет
owners-empty-text = Они появятся вместе с договорами или при загрузке таблицы.
owner-title = Собственник
owner-name = ФИО или название
owner-kind = Кто это
owner-kind-person = Человек
owner-kind-company = Организация
owner-last-name = Фамилия или название организации
owner-first-name = Имя
owner-patronymic = Отчество
owner-phone = Телефон
owner-phones = Телефоны
owner-phones-hint = Каждый с новой строки, в любом написании
owner-phone-wrong = Номер не понят. Например: +7 918 159-08-30
owner-phones-many = Не больше десяти телефонов
owner-email = Эл. почта
owner-email-wrong = Проверьте адрес почты
owner-accounts = Лицевые счета
owner-saved = Собственник сохранён
owner-premises = { $n ->
    [one] { $n } участок
    [few] { $n } участка
   *[many] { $n } участков
}
service-water = Вода
service-electricity = Электричество
service-upkeep = Содержание
service-contribution = Взносы
dials-none = Без счётчика
dials-single = Однотарифный
dials-day_night = День и ночь
contract-new = Новый договор
contract-new-title = Новый договор
contract-new-sub = Участок, собственник, лицевой счёт и счётчик заведутся вместе с договором
contract-premise = Участок
contract-label-hint = Если такого участка нет, он будет заведён
contract-owner-hint = Если собственник участка прежний, оставьте поля пустыми. Новый собственник станет владельцем со дня договора.
contract-title = Договор
contract-service = Услуга
contract-number = Номер договора
contract-signed-on = Дата договора
contract-meter = Счётчик
contract-dials = Тарифы счётчика
contract-sign = Заключить договор
contract-signed = Договор заключён
contract-needs-owner = У участка нет собственника: укажите его в форме договора.
meter-resource = Ресурс
meter-serial = Номер счётчика
meter-serial-taken = Счётчик с таким номером уже есть
meter-model = Модель
meter-digits = Цифр до запятой
meter-value = Показание
meter-opening = Начальное показание
meter-opening-night = Начальное, ночь
meter-installed-on = Установлен
meter-verified-on = Поверен
meter-verify-by = Поверить до
account-short = Счёт { $number }
since = с { $date }
until = по { $date }
edit = Изменить
history-title = История
search-title = Поиск
