# Общее
ended-on = до { $date }
since = с { $date }
card-history = История изменений
area-m2 = { $area } м²
unit-m2 = м²
standing-open = действует
standing-ended = завершён
with-meter-no = Без счётчика
with-meter-new = Поставить счётчик
dials-single = Один тариф
dials-day_night = День и ночь
dials-three = Пик, полупик, ночь

# Поиск
search-title = Поиск
search-label = Участок, фамилия, телефон, счётчик, договор
search-hint = Введите часть номера участка, фамилии, телефона, номера счётчика или договора. Регистр букв не важен.
search-all = Показать все
search-common-meter = общий счётчик

# Объекты
sites-title = Объекты
sites-empty-title = Объектов пока нет
sites-empty-text = Объект — это территория кооператива или дом. Заведите его, а потом загрузите реестр участков из таблицы.
sites-empty-none = Вам ещё не назначен ни один объект. Обратитесь к администратору.
site-new = Завести объект
site-new-title = Новый объект
site-name = Название
site-name-hint = Например: СОГ «Черноморец»
site-name-taken = Объект с таким названием уже есть
site-kind = Вид
site-kind-garden = Садовое товарищество
site-kind-building = Дом
site-address = Адрес
site-state = Состояние
site-zone = Часовой пояс
site-checks = Проверка показаний
site-check-high = Настораживает расход выше обычного, от
site-check-low = Настораживает расход ниже обычного, до
site-check-zero = Месяцев без расхода подряд
site-months = { $n ->
    [one] { $n } месяц
    [few] { $n } месяца
   *[many] { $n } месяцев
}
site-created = Объект заведён
site-saved = Объект изменён
site-end = Завершить работу с объектом
site-revive = Вернуть объект в работу
time-zone-europe-kaliningrad = Калининград (МСК−1)
time-zone-europe-moscow = Москва (МСК)
time-zone-europe-samara = Самара (МСК+1)
time-zone-asia-yekaterinburg = Екатеринбург (МСК+2)
time-zone-asia-omsk = Омск (МСК+3)
time-zone-asia-krasnoyarsk = Красноярск (МСК+4)
time-zone-asia-irkutsk = Иркутск (МСК+5)
time-zone-asia-yakutsk = Якутск (МСК+6)
time-zone-asia-vladivostok = Владивосток (МСК+7)
time-zone-asia-magadan = Магадан (МСК+8)
time-zone-asia-kamchatka = Камчатка (МСК+9)

# Участки
premises-title = Участки
premises-count = { $n ->
    [one] { $n } участок
    [few] { $n } участка
   *[many] { $n } участков
}
premises-search = Участок, фамилия, телефон, счётчик
premises-part = Массив и линия
premises-array = Массив { $array }
premises-line = Массив { $array }, линия { $line }
premises-any = Неважно
premises-any-service = Любая
premises-standing = Действующие
premises-ended = Выбывшие
premises-empty-title = Участков пока нет
premises-empty-text = Загрузите реестр из таблицы: участки, собственники и счётчики появятся сразу. Можно завести и по одному.
premises-empty-none = Здесь появятся записи, когда их заведёт бухгалтерия.
owned-yes = Указан
owned-no = Не указан
premise-new = Новый участок
premise-new-title = Новый участок
premise-edit-title = Участок { $label }: изменить
premise-title = Участок { $label }
premise-edit = Изменить
premise-about = Сведения
premise-label = Участок
premise-label-hint = Массив-линия-сектор, например 3-12-7, или любое обозначение
premise-label-taken = Участок с таким обозначением на этом объекте уже есть
premise-site = Объект
premise-kind = Вид
premise-kind-plot = Участок
premise-kind-apartment = Квартира
premise-address = Расположение
premise-part = массив { $array }, линия { $line }, сектор { $sector }
premise-area = Площадь
premise-area-zero = Площадь должна быть больше нуля
premise-note = Примечание
premise-owner = Собственник
premise-owners = Собственники
premise-past-owners = Прежние собственники
premise-no-owner = не указан
premise-no-owner-yet = Собственник не указан.
premise-services = Услуги
premise-read = Показания
premise-meters = Счётчики
premise-meter = Счётчик
premise-no-meters = Счётчиков нет.
premise-last-reading = Последние показания
premise-seal = Пломба
premise-verification = Поверка
premise-verify-by = до { $date }
premise-no-contracts = Договоров нет.
premise-visits = Последние посещения
premise-photos = Фотографии
premise-created = Участок заведён
premise-saved = Участок изменён
premise-end = Участок выбыл
premise-revive = Вернуть участок
premise-delete = Удалить: заведён по ошибке
premise-has-history = Удалить нельзя: с участком уже что-то связано или он заведён давно. Отметьте, что участок выбыл.
ownership-share = доля { $share }
ownership-past = прежде

# Смена собственника
transfer-open = Сменить собственника
transfer-title = Смена собственника
transfer-now = Сейчас
transfer-what = Что с нынешними долями
transfer-present-end = Прекращаются с этого дня
transfer-present-keep = Остаются, добавляется ещё одна
transfer-new = Новый собственник
transfer-who = Кто
transfer-terms = Право
transfer-share = Доля
transfer-share-hint = 1 или дробь, например 1/3
transfer-share-wrong = Введите 1 или дробь, например 1/3
transfer-more-than-whole = Вместе с этой долей получится больше целого
transfer-from = С какого дня
transfer-future = День ещё не наступил
transfer-reason = Основание
transfer-reason-hint = Например: купля-продажа, наследство
transfer-save = Записать собственника
transfer-saved = Собственник записан

# Выбор собственника
party-way-present = Нынешний собственник участка
party-way-known = Собственник из списка
party-way-new = Новый собственник
party-find = Найти в списке
party-find-hint = Часть фамилии, телефона или участок
party-find-when = если из списка
party-choose = Кто именно
party-choose-one = Выберите
party-new-fields = Данные нового собственника
party-none = Никого не нашлось. Измените слова или заведите нового собственника
party-several = Подходят несколько. Выберите одного
party-nobody = У участка нет собственника. Найдите его в списке или заведите нового
party-several-present = Собственников несколько. Найдите плательщика в списке

# Собственники
owners-title = Собственники
owners-count = { $n ->
    [one] { $n } собственник
    [few] { $n } собственника
   *[many] { $n } собственников
}
owners-search = Фамилия, телефон, участок
owners-empty-title = Собственников пока нет
owners-empty-text = Они появятся вместе с участками, когда вы загрузите реестр. Можно завести и по одному.
owner-new = Новый собственник
owner-new-title = Новый собственник
owner-name = Имя
owner-kind = Лицо
owner-kind-person = Человек
owner-kind-company = Организация
owner-last-name = Фамилия или название организации
owner-last-name-hint = У организации имя и отчество не нужны
owner-first-name = Имя
owner-patronymic = Отчество
owner-phone = Телефоны
owner-phone-hint = По одному в строке, в любом написании
owner-phone-wrong = Не похоже на телефон. Введите, например, +7 918 159-08-30
owner-phones-many = Не больше десяти телефонов
owner-email = Электронная почта
owner-email-wrong = Введите адрес, например name@example.ru
owner-premises = Участки
owner-period = Когда
owner-more = и ещё { $n }
owner-contacts = Связь
owner-no-premises = Участков нет.
owner-created = Собственник заведён
owner-saved = Собственник изменён
owner-merge = Объединить с повтором
owner-merge-title = Объединение собственников
owner-merge-text = Найдите вторую запись о том же человеке. Её участки, счета и телефоны перейдут сюда, а сама она исчезнет.
owner-merge-consequence = Участки, лицевые счета и телефоны второй записи перейдут к первой, вторая исчезнет. Вернуть это назад нельзя.
owner-merge-kept = Остаётся
owner-merge-gone = Исчезает
owner-merge-do = Объединить
owner-merge-other = Выбрать другую запись
owner-merge-same = Это одна и та же запись
owner-merged = Объединено с записью «{ $name }»

# Лицевые счета
accounts-title = Лицевые счета
accounts-count = { $n ->
    [one] { $n } счёт
    [few] { $n } счёта
   *[many] { $n } счетов
}
accounts-search = Номер счёта, участок, фамилия
accounts-empty-title = Лицевых счетов пока нет
accounts-empty-text = Счёт открывается сам, когда подписан первый договор плательщика или загружен реестр.
account-title = Лицевой счёт { $number }
account-number = Лицевой счёт
account-payer = Плательщик
account-opened = Открыт
account-contracts = Договоров
account-state = Состояние
account-open = открыт
account-closed = закрыт
account-closed-on = закрыт { $date }
account-close = Закрыть счёт
account-not-closed = Счёт не закрыт: по нему есть действующий договор. Сначала завершите договор.

# Договоры
contracts-title = Договоры
contracts-count = { $n ->
    [one] { $n } договор
    [few] { $n } договора
   *[many] { $n } договоров
}
contracts-search = Номер, участок, фамилия
contracts-empty-title = Договоров пока нет
contracts-empty-text = Новый договор заводит сразу всё нужное: собственника, лицевой счёт и счётчик.
contract-new = Новый договор
contract-new-title = Новый договор
contract-back = Назад
contract-where = Участок
contract-label-hint = Например 3-12-7
contract-premise-new = Участка ещё нет в списке, завести
contract-no-premise = Такого участка нет. Проверьте номер или отметьте, что участок новый
contract-premise-ended = Участок выбыл
contract-what = Договор
contract-service = Услуга
contract-number = Номер договора
contract-dates = Срок
contract-signed = Подписан
contract-ended = Завершён
contract-payer = Плательщик
contract-who = Кто платит
contract-meter = Счётчик
contract-with-meter = Ставится ли счётчик
contract-meter-fields = Данные счётчика
contract-no-meter = По этой услуге счётчиков не бывает
contract-sign = Записать договор
contract-created = Договор записан
contract-number-taken = Договор с этим номером на эту услугу у участка уже есть
contract-service-taken = У плательщика уже есть действующий договор на эту услугу. Сначала завершите его
contract-end = Завершить
contract-end-title = Завершение договора
contract-end-consequence = Договор останется в списке как завершённый.
contract-end-do = Завершить договор
contract-ends-before = Не раньше дня подписания
contract-ended-already = Договор уже завершён
service-water = Вода
service-electricity = Электроэнергия
service-upkeep = Содержание
service-contribution = Взносы

# Поля в истории
field-name = название
field-kind = вид
field-label = обозначение
field-area = площадь
field-note = примечание
field-address = адрес
field-time_zone = часовой пояс
field-check_high_percent = расход выше обычного, %
field-check_low_percent = расход ниже обычного, %
field-check_zero_months = месяцев без расхода
field-last_name = фамилия
field-first_name = имя
field-patronymic = отчество
field-email = почта
field-phones = телефоны
field-service = услуга
field-number = номер
field-signed_on = подписан
field-ended_on = завершён
field-premise = участок
field-owner = собственник
field-share = доля
field-from_on = с какого дня
field-reason = основание

# Общее с другими разделами
until = по { $date }
field-serial = заводской номер
field-resource = ресурс
field-model = модель
field-dial_digits = цифр до запятой
field-dial_decimals = цифр после запятой
field-verified_on = поверен
field-verify_by = следующая поверка
field-seal_number = номер пломбы
field-seal_kind = вид пломбы
field-seal_place = место пломбы
field-seal_state = пломба
field-placed_on = поставлена
field-removed_on = снято
field-removal_reason = почему снят
field-closing = конечные показания
field-opening = начальные показания
field-installed_on = установлен
field-state = состояние
field-value_single = показание
field-value_day = день
field-value_night = ночь
field-value_peak = пик
field-value_half_peak = полупик
