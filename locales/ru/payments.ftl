# Платежи
payments-title = Платежи
payments-sub = { $count } на { $sum }
payments-search = Участок или фамилия
payments-empty-title = Платежей ещё нет
payments-empty-text = Загрузите выписку банка или внесите платёж с клавиатуры.
payments-empty-none = Как только бухгалтер внесёт платёж, он появится здесь.
payments-unknown = Не выяснено, чьи: { $count } на { $sum }.
payments-unknown-do = Разобрать
payments-documents = { $n ->
    [one] { $n } платёж
    [few] { $n } платежа
   *[other] { $n } платежей
  }
payment-new = Внести платёж
payment-new-sub = Участок, сумма, Enter - и следующий. День и способ запоминаются.
payment-received = Получен
payment-method = Способ
payment-method-bank = Банк
payment-method-cash = Касса
payment-state = Состояние
payment-state-credited = Зачислен
payment-state-unknown = Не выяснен
payment-state-reversed = Сторнирован
payment-whom = За кого
payment-whom-hint = Участок (3-12-7), лицевой счёт или фамилия
payment-which = Кто из них?
payment-several = Подходят несколько: выберите
payment-nobody = Никого не нашлось
payment-no-such-bill = Квитанции с таким номером нет
payment-amount = Сумма
payment-period = За месяц
payment-any-service = за что первым должны
payment-bill = Номер квитанции
payment-from = Кто заплатил
payment-memo = Назначение
payment-for = Плательщик назвал
payment-reference = № документа
payment-entered = Внесён
payment-more = За какой месяц, услугу, от кого
payment-store = Внести
payment-stored = Внесено { $sum }: { $whose }. Теперь { $stands }.
payment-whose = { $label }, { $name }
payment-debt = долг { $sum }
payment-advance = аванс { $sum }
payment-no-debt = долга нет
payment-in-future = Этот день ещё не наступил
payment-key-reused = Этот платёж уже внесён, но с другими данными. Откройте форму заново.
payment-recent = Внесено вами
payment-recent-none = Здесь будут ваши последние платежи.
payment-title = Платёж { $sum }
payment-sub = { $day }, { $method }
payment-about = О платеже
payment-receipt = Квитанция
payment-met = На что пошло
payment-met-none = Ещё ни на что
payment-match-title = Чей это платёж?
payment-match = Зачислить
payment-matched = Зачислено: { $whose }
payment-reverse-ask = Ошибка? Сторнировать платёж
payment-reverse-why = Почему
payment-reverse = Сторнировать
payment-reversed = Платёж сторнирован: деньги сняты со счёта тем же путём
payment-reversed-words = Сторнирован { $when }. Причина: { $reason }
payment-changed-meanwhile = Платёж тем временем изменили. Откройте его заново.
payment-refused = Учёт не принимает такую проводку
payment-no-receipt = Квитанция бывает только у зачисленного платежа
payment-imports = Загрузка из банка
met-what = За что
met-why = Почему туда
met-earlier = прежний долг
met-spent = с лицевого счёта
met-advance = Аванс
met-advance-why = долгов не осталось: пойдёт на следующие
allocation-bill = плательщик назвал квитанцию
allocation-period = плательщик назвал месяц
allocation-service = плательщик назвал услугу
allocation-oldest = самый старый долг
allocation-advance = аванс закрыл новый долг
allocation-spent = израсходовано
allocation-taken_back = снято сторно
receipt-title = Квитанция о приёме платежа № { $number }
receipt-cashier = Принял
receipt-payer = Плательщик
refund-title = Вернуть аванс
refund-stands = На счёте
refund-paid-on = Возвращено
refund-reason = Почему и куда
refund-do = Вернуть
refund-done = Возвращено { $sum }
refund-nothing = Возвращать нечего: аванса нет.
refund-too-much = Это больше аванса
filter-from = С
filter-until = По

payment-imports-sub = Выписка из банка или реестр платежей: сначала план, потом проведение, всегда можно отменить целиком
payment-import-new = Новый файл
payment-import-hint = Выписка в обмене 1С (.txt) или таблица CSV, XLSX
payment-import-no-file = Выберите файл
payment-import-same = Этот файл уже загружен
payment-import-not-read = Это не выписка 1С и не таблица
payment-import-title = Платежи из файла
payment-import-sub = { $file }: { $count }
payment-import-documents = Документов
payment-import-credited = Зачислено, ₽
payment-import-unknown = Не выяснено, ₽
payment-import-kind-bank = выписка банка
payment-import-kind-register = реестр
payment-import-state-planned = Ждёт проведения
payment-import-state-executed = Проведён
payment-import-state-undone = Отменён
payment-import-state-discarded = Убран
payment-import-discard = Убрать без проведения
payment-import-undo-ask = Загрузили не то? Отменить всю загрузку
payment-import-undo = Сторнировать все платежи файла
payment-import-not-planned = Этот план уже проведён или убран
payment-import-not-executed = Отменять нечего: загрузка не проведена или уже отменена
payment-import-executed = { $n ->
    [one] Проведён { $n } платёж
    [few] Проведено { $n } платежа
   *[other] Проведено { $n } платежей
  }
payment-import-overtaken = { $n ->
    [one] Ничего не проведено: { $n } документ уже внесён из другого файла. Он убран из плана, проверьте и проведите ещё раз.
   *[other] Ничего не проведено: документов, уже внесённых из другого файла, { $n }. Они убраны из плана, проверьте и проведите ещё раз.
  }
payment-import-undone = { $n ->
    [one] Сторнирован { $n } платёж
    [few] Сторнировано { $n } платежа
   *[other] Сторнировано { $n } платежей
  }
payment-plan-credit = { $n ->
    [one] { $n } платёж будет зачислен
    [few] { $n } платежа будут зачислены
   *[other] { $n } платежей будут зачислены
  }
payment-plan-suspense = { $n ->
    [one] { $n } платёж пойдёт в невыясненные
    [few] { $n } платежа пойдут в невыясненные
   *[other] { $n } платежей пойдут в невыясненные
  }
payment-plan-credited = { $n ->
    [one] { $n } платёж зачислен
    [few] { $n } платежа зачислены
   *[other] { $n } платежей зачислено
  }
payment-plan-suspended = { $n ->
    [one] { $n } платёж ушёл в невыясненные
    [few] { $n } платежа ушли в невыясненные
   *[other] { $n } платежей ушли в невыясненные
  }
payment-plan-skip = { $n ->
    [one] документ не учитывается
   *[other] не учитывается
  }
payment-plan-execute = { $n ->
    [one] Провести { $n } платёж
    [few] Провести { $n } платежа
   *[other] Провести { $n } платежей
  }
payment-plan-save = Только сохранить
payment-plan-saved = Выбор сохранён
payment-plan-document = Документ
payment-plan-take = Зачислить
payment-plan-open = платёж
payment-plan-chosen = выбрано человеком
payment-plan-several = Подходят несколько: напишите лицевой счёт
payment-plan-result = Решение
payment-plan-reasons = Почему
payment-decision-credit = зачислить
payment-decision-suspense = в невыясненные
payment-decision-skip = не учитывать
payment-problem-outgoing = Это расход
payment-problem-duplicate = Повтор документа { $detail }
payment-problem-known = Уже внесён из другого файла
payment-problem-unreadable = Не прочитано: { $detail }
bank-refused-empty = В файле нет документов
bank-refused-too-large = Файл слишком велик
bank-refused-not-a-statement = Это не выписка
bank-refused-too-long-line = В файле слишком длинная строка
bank-refused-too-many-documents = В файле слишком много документов
bank-problem-no_amount = нет суммы
bank-problem-amount_unclear = сумма непонятна
bank-problem-amount_not_positive = сумма не больше нуля
bank-problem-no_date = нет даты
bank-problem-date_unclear = дата непонятна
bank-problem-document_not_ended = документ не окончен
bank-problem-file_not_ended = файл не окончен: возможно, он обрезан
match-certain = Точно
match-likely = Похоже
match-possible = Возможно
match-unknown = Неизвестно, чей
match-reason-account_number = назван лицевой счёт
match-reason-bill_id = назван номер квитанции
match-reason-label = назван участок
match-reason-payer_name = совпадает плательщик
match-reason-name_in_purpose = фамилия в назначении
match-reason-name_agrees = фамилия подтверждает
match-reason-amount_is_debt = сумма равна долгу
match-reason-name_differs = платит другой человек
match-reason-number_shortened = счёт без нулей
match-reason-number_unknown = такого лицевого счёта нет
match-reason-label_unknown = такого участка нет
match-reason-label_shared = на участке несколько счетов
match-reason-account_closed = счёт закрыт
match-reason-several_accounts = подходят несколько счетов
match-reason-contradiction = счёт и участок спорят
register-title = Что в столбцах реестра
register-head = Строка с заголовками
register-column = Столбец
register-meaning = Что это
register-samples = Например
register-plan = Составить план
register-not-enough = Нужны дата, сумма и хотя бы одно из трёх: кому, плательщик, назначение
register-nothing = не нужно
register-date = дата
register-amount = сумма
register-whom = лицевой счёт или участок
register-payer = плательщик
register-purpose = назначение
register-number = номер документа
