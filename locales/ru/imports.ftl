# Загрузка файлов
imports-title = Загрузка файлов
imports-empty-title = Файлов ещё не было
imports-empty-text = Здесь реестр участков, выгрузка из старой программы или список показаний превращаются в данные. Сначала вы увидите, что изменится, и только потом это произойдёт.
import-new = Загрузить файл
import-new-title = Загрузить файл
import-site = Объект
import-file = Файл
import-file-hint = Excel (.xlsx) или CSV, до 32 МБ
import-file-missing = Выберите файл
import-read = Прочитать файл
import-promise = Файл пока ничего не изменит: сначала вы проверите столбцы и увидите каждое отличие от нынешних данных.
import-no-site-title = Сначала нужен объект
import-no-site-text = Участки из файла попадут в объект: кооператив или дом. Создайте его и вернитесь сюда.
import-no-site-action = Создать объект

import-head-file = Файл
import-head-site = Объект
import-head-kind = Что в нём
import-head-when = Когда
import-head-state = Состояние
import-head-rows = Строк
import-kind-registry = Реестр участков
import-kind-readings = Показания
import-state-uploaded = Столбцы не проверены
import-state-planned = Ждёт решения
import-state-running = Загружается
import-state-done = Загружен
import-state-failed = Не удалось
import-state-undone = Отменён

import-columns-title = Что в столбцах
import-columns-text = Проверьте, верно ли понят каждый столбец. Выбор запомнится для следующих файлов с такими же заголовками.
import-content = Одна строка файла — это
import-content-registry = участок с собственником и счётчиками
import-content-readings = показание одного счётчика
import-sheet-used = Загружать этот лист
import-sheet-rows =
    { $n ->
        [one] { $n } строка
        [few] { $n } строки
       *[other] { $n } строк
    }
import-only-sheet = Таблица
import-header-from = Заголовок: с какой строки
import-header-to = по какую
import-header-again = Прочитать заголовки заново
import-column = Столбец
import-column-header = Заголовок
import-column-samples = Первые значения
import-column-field = Значение
import-column-resource = Ресурс
import-column-day = Показания на дату
import-preview = Показать, что изменится
import-discard = Удалить файл
import-discarded = Файл удалён, данные не изменились
import-no-sheet = Отметьте хотя бы один лист
import-no-resource = «{ $sheet }», столбец { $column }: вода или электроэнергия? Выберите ресурс
import-already-running = Этот файл уже загружается или загружен
import-not-done = Отменить можно только загруженный файл

import-resource-water = вода
import-resource-electricity = электроэнергия

import-field-ignore = не загружать
import-field-not_yet_used = деньги (пока не загружаются)
import-field-ordinal = порядковый номер
import-field-label = участок
import-field-array = массив
import-field-line = линия
import-field-sector = сектор
import-field-owner_name = собственник
import-field-last_name = фамилия
import-field-first_name = имя
import-field-patronymic = отчество
import-field-phone = телефон
import-field-email = эл. почта
import-field-area = площадь, м²
import-field-area_hundreds = площадь, сотки
import-field-resource = ресурс
import-field-serial = номер счётчика
import-field-model = модель счётчика
import-field-zones = тариф (число зон)
import-field-seal = пломба
import-field-verified_on = дата поверки
import-field-verify_by = следующая поверка
import-field-previous = прежнее показание (день)
import-field-previous_night = прежнее, ночь
import-field-previous_peak = прежнее, пик
import-field-previous_half_peak = прежнее, полупик
import-field-previous_on = дата прежнего показания
import-field-current = показание (день)
import-field-current_night = показание, ночь
import-field-current_peak = показание, пик
import-field-current_half_peak = показание, полупик
import-field-current_on = дата показания
import-field-note = примечание

import-run =
    { $n ->
        [one] Загрузить { $n } строку
        [few] Загрузить { $n } строки
       *[other] Загрузить { $n } строк
    }
import-change-columns = Изменить столбцы
import-nothing-to-do = Загружать нечего: всё из этого файла уже есть в данных или не может быть принято.
import-same-file = Этот же файл уже загружали { $when }. Повторная загрузка не создаст ничего дважды.
import-progress = Загружено строк
import-sum-premises = новых участков
import-sum-owners = новых собственников
import-sum-water = счётчиков воды
import-sum-electricity = счётчиков электроэнергии
import-sum-zoned = из них многотарифных
import-sum-readings = показаний
import-sum-change = строк с изменениями
import-sum-same = строк без изменений
import-sum-problems = строк, где принято не всё
import-filter = Какие строки показать
import-filter-all = Все
import-filter-create = Новые
import-filter-change = Изменения
import-filter-same = Без изменений
import-filter-problem = Замечания
import-filter-skip = Не данные
import-rows = Строки файла
import-row-place = Строка
import-row-label = Участок
import-row-action = Что с ней
import-row-differences = Что изменится
import-action-create = новое
import-action-change = изменение
import-action-same = без изменений
import-action-problem = не принята
import-action-skip = не данные
import-result-created = создано
import-result-changed = изменено
import-result-same = без изменений
import-result-refused = не принято
import-result-skipped = не данные
import-result-stale = не всё: данные изменились после проверки
import-result-column = Что сделано
import-result-all = Файл с итогами
import-result-bad = Только замечания
import-result-suffix = итоги
import-result-bad-suffix = замечания
import-row-kind-section = заголовок раздела
import-row-kind-total = итог
import-row-kind-header = повтор заголовка
import-row-kind-remark = пометка
import-what-premise = Участок
import-what-area = Площадь
import-what-note = Примечание
import-what-owner = Собственник
import-what-phone = Телефон
import-what-email = Эл. почта
import-what-ownership = Право собственности
import-what-account = Лицевой счёт
import-what-contract = Договор
import-what-meter = Счётчик
import-what-model = Модель
import-what-verified_on = Поверен
import-what-verify_by = Следующая поверка
import-what-seal = Пломба
import-what-opening = Начальное показание
import-what-reading = Показание

import-undo = Отменить загрузку
import-undo-title = Отменить загрузку
import-undo-text = Всё, что создал этот файл, будет удалено, а изменённое — возвращено. Останется только запись в журнале.
import-undo-do = Отменить загрузку
import-undo-back = Вернуться
import-undone = Загрузка отменена
import-undo-blocked = Загрузку уже нельзя отменить: на её данных построено другое.
import-undo-readings =
    { $n ->
        [one] { $n } показание введено после загрузки
        [few] { $n } показания введены после загрузки
       *[other] { $n } показаний введено после загрузки
    }
import-undo-reviewed =
    { $n ->
        [one] { $n } загруженное показание уже проверено или исправлено
        [few] { $n } загруженных показания уже проверены или исправлены
       *[other] { $n } загруженных показаний уже проверено или исправлено
    }
import-undo-rounds =
    { $n ->
        [one] { $n } участок стоит в обходе
        [few] { $n } участка стоят в обходах
       *[other] { $n } участков стоят в обходах
    }
import-undo-visits =
    { $n ->
        [one] { $n } посещение участка
        [few] { $n } посещения участков
       *[other] { $n } посещений участков
    }
import-undo-photos =
    { $n ->
        [one] { $n } фотография
        [few] { $n } фотографии
       *[other] { $n } фотографий
    }
import-undo-imports =
    { $n ->
        [one] { $n } запись дополнена более поздней загрузкой: сначала отмените её
        [few] { $n } записи дополнены более поздней загрузкой: сначала отмените её
       *[other] { $n } записей дополнено более поздней загрузкой: сначала отмените её
    }
import-undo-owners =
    { $n ->
        [one] { $n } право собственности записано после загрузки
        [few] { $n } права собственности записаны после загрузки
       *[other] { $n } прав собственности записано после загрузки
    }
import-undo-accounts =
    { $n ->
        [one] { $n } счёт или договор открыт после загрузки
        [few] { $n } счёта или договора открыты после загрузки
       *[other] { $n } счетов и договоров открыто после загрузки
    }
import-undo-meters =
    { $n ->
        [one] { $n } установка, замена или пломба записана после загрузки
        [few] { $n } установки, замены или пломбы записаны после загрузки
       *[other] { $n } установок, замен и пломб записано после загрузки
    }
import-undo-runs =
    { $n ->
        [one] { $n } начисление сделано после загрузки; черновик можно убрать
        [few] { $n } начисления сделаны после загрузки; черновики можно убрать
       *[other] { $n } начислений сделано после загрузки; черновики можно убрать
    }
import-undo-transfers =
    { $n ->
        [one] { $n } проводка есть на лицевых счетах из файла
        [few] { $n } проводки есть на лицевых счетах из файла
       *[other] { $n } проводок есть на лицевых счетах из файла
    }
import-undo-edited =
    { $n ->
        [one] { $n } запись изменена после загрузки
        [few] { $n } записи изменены после загрузки
       *[other] { $n } записей изменено после загрузки
    }

audit-import-uploaded = Загружен файл для проверки
audit-import-created = Создано загрузкой файла
audit-import-changed = Изменено загрузкой файла
audit-import-done = Загрузка файла выполнена
audit-import-undone = Загрузка файла отменена

# Почему файл не прочитан
import-refused-empty = Файл пуст.
import-refused-too-large = Файл больше 32 МБ. Разделите его на части.
import-refused-old-excel = Это старый формат Excel. Откройте файл и сохраните как .xlsx.
import-refused-binary-excel = Это двоичная книга Excel (.xlsb). Откройте файл и сохраните как .xlsx.
import-refused-password = Файл закрыт паролем. Снимите пароль и загрузите снова.
import-refused-open-document = Это таблица OpenDocument (.ods). Откройте файл и сохраните как .xlsx.
import-refused-word = Это текстовый документ. Перенесите таблицу в Excel и сохраните как .xlsx.
import-refused-pdf = Это PDF. Нужна сама таблица: сохраните её как .xlsx или CSV.
import-refused-picture = Это картинка. Нужна таблица: .xlsx или CSV.
import-refused-web-page = Это веб-страница под видом таблицы. Откройте файл в Excel и сохраните как .xlsx.
import-refused-archive = Это архив. Распакуйте его и загрузите таблицу.
import-refused-not-a-table = Это не таблица. Нужен файл .xlsx или CSV.
import-refused-broken = Файл повреждён или загружен не целиком. Откройте его в Excel, сохраните заново и попробуйте ещё раз.
import-refused-swollen = В файле слишком много лишнего для таблицы. Скопируйте нужные листы в новую книгу и сохраните.
import-refused-too-many-rows = Слишком много строк: что-то стоит в ячейке { $place }. Удалите лишнее или разделите файл: до 200 000 строк.
import-refused-too-many-columns = Слишком много столбцов: что-то стоит в ячейке { $place }. Удалите лишнее: до 256 столбцов.
import-refused-too-many-sheets = В книге больше 64 листов. Оставьте только нужные.
import-refused-too-long-text = В ячейке { $place } слишком длинный текст. Сократите его.
import-refused-too-slow = Файл читается слишком долго. Скопируйте нужные листы в новую книгу и сохраните.
import-refused-unreadable = Файл не удалось прочитать. Попробуйте ещё раз.

# Замечания к ячейкам
import-problem-no_label = не указан участок
import-problem-label_is_date = { $column }: вместо участка стоит дата «{ $cell }» — так Excel исказил номер
import-problem-label_twice = участок { $cell } уже есть в строке { $detail }
import-problem-not_a_number = { $column }: «{ $cell }» — не число
import-problem-number_too_fine = { $column }: «{ $cell }» — больше трёх знаков после запятой
import-problem-number_too_large = { $column }: «{ $cell }» — слишком большое число
import-problem-negative = { $column }: «{ $cell }» — отрицательное число
import-problem-number_is_date = { $column }: вместо числа стоит дата «{ $cell }»
import-problem-cell_error = { $column }: ошибка формулы { $cell }
import-problem-uncalculated = { $column }: формула без значения; откройте файл в Excel и сохраните
import-problem-not_a_date = { $column }: «{ $cell }» — не дата
import-problem-no_such_day = { $column }: дня «{ $cell }» не бывает
import-problem-date_too_far = дата не подходит: «{ $cell }» { $detail }
import-problem-future_date = { $column }: дата «{ $cell }» ещё не наступила
import-problem-no_date = { $column }: не указана дата показания
import-problem-phone_unclear = { $column }: непонятный телефон «{ $cell }»
import-problem-email_unclear = { $column }: непонятный адрес почты «{ $cell }»
import-problem-zones_unclear = { $column }: непонятный тариф «{ $cell }»
import-problem-serial_unclear = { $column }: непонятный номер счётчика «{ $cell }»
import-problem-serial_missing = { $column }: нет номера счётчика
import-problem-serial_twice = счётчик { $cell } уже указан у участка { $detail }
import-problem-zone_missing = { $column }: нет показания одной из зон
import-problem-zone_unexpected = { $column }: «{ $cell }» — лишнее показание: у счётчика нет такой зоны
import-problem-unknown_resource = { $column }: непонятный ресурс «{ $cell }»
import-problem-unknown_meter = { $column }: счётчика «{ $cell }» нет на этом объекте
import-problem-too_many_digits = { $column }: у «{ $cell }» больше цифр, чем на счётчике
import-problem-reading_twice = показание счётчика { $cell } на этот день уже есть в строке { $detail }
import-problem-no_value = { $column }: нет показания
import-problem-several_owners = { $column }: в ячейке несколько человек — «{ $cell }»; записаны как есть
import-problem-namesake_without_phone = телефона нет, а однофамильцев несколько: записан отдельный собственник
import-problem-merged_by_name = телефона нет: собственник узнан только по имени
import-problem-owner_differs = собственник { $cell } не тот, что записан: { $detail }. Смену собственника оформите на карточке участка
import-problem-area_differs = площадь { $cell } м² не та, что выше в файле: { $detail } м²
import-problem-premise_ended = участок { $cell } закрыт
import-problem-meter_elsewhere = счётчик { $cell } уже записан в другом месте: { $detail }
import-problem-meter_differs = на участке стоит другой счётчик: { $detail }, в файле { $cell }. Оформите замену на карточке счётчика
import-problem-several_meters = на участке несколько счётчиков ({ $detail }), а в файле нет номера
import-problem-zones_differ = у счётчика зон: { $detail }, в файле: { $cell }
import-problem-no_opening = у нового счётчика { $cell } нет ни одного показания, он не заведён
import-problem-reading_differs = на этот день уже записано { $detail }, в файле { $cell }
import-problem-before_installation = показание { $cell } раньше установки счётчика ({ $detail }), пропущено
import-problem-lower = показание { $cell } меньше прежнего { $detail }
import-job = Открыть задание
