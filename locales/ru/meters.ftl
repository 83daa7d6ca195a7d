meters-title = Счётчики
meters-count = { $n ->
    [one] { $n } счётчик
    [few] { $n } счётчика
   *[many] { $n } счётчиков
}
meters-search = Счётчик, участок, имя
meters-empty-title = Счётчиков ещё нет
meters-empty-text = Они появятся с договорами, при загрузке из файла или здесь, по одному.
meters-due-title = Пора поверять
meters-due-empty-title = Поверять пока нечего
meters-due-empty-text = За выбранное время ни у одного счётчика не кончается поверка.
meter-new = Новый счётчик
meter-back = Назад
meter-common = Общий
meter-place = Где стоит
meter-where = Где стоит
meter-what = Что за счётчик
meter-whereabouts = Где
meter-standing = Установлены
whereabouts-premise = На участках
whereabouts-common = Общие
whereabouts-away = Сняты
due-overdue = Истекла
due-month = До 30 дней
due-quarter = До 90 дней
due-year = До года
due-unknown = Дата не указана
meter-late = { $n ->
    [one] { $n } день назад
    [few] { $n } дня назад
   *[many] { $n } дней назад
}
meter-resource = Ресурс
meter-serial = Заводской номер
meter-serial-hint = С нулями впереди, как на счётчике
meter-serial-taken = Счётчик с таким номером уже записан
meter-serial-same = Это номер старого счётчика
meter-model = Модель
meter-digits = Цифр на шкале
meter-digits-text = { $whole } до запятой, { $decimals } после
meter-digits-too-few = Среди показаний есть числа длиннее
meter-dial-digits = Цифр до запятой
meter-dial-decimals = Цифр после запятой
meter-dials = Шкалы
meter-opening = Начальное показание: одно, день или пик
meter-opening-night = Ночь
meter-opening-half = Полупик
meter-if-zoned = если есть ночь
meter-if-three = если есть полупик
meter-water-zones = У счётчика воды один тариф
meter-opening-values = Начальные показания
meter-closing-values = Конечные показания
meter-closing-hint = до этого { $value }
meter-closing-below = Меньше прежнего показания ({ $last }). Проверьте, что видно на счётчике
meter-installed = Установлен
meter-installed-hint = Пусто — в день договора
meter-removed = Снят
meter-removed-on = снят { $date }
meter-removed-day = Когда снят
meter-removal-reason = Почему
meter-removal-reason-hint = Например: поверка, неисправен, замена
meter-removal-photo = Фото показаний
meter-removal-photo-hint = Чтобы потом не спорить
meter-verification = Поверка
meter-verified = Поверен
meter-verify-by = Следующая поверка
meter-verify-order = Раньше, чем сама поверка
meter-is-common = Общий счётчик объекта, без участка
meter-label-optional = кроме общего
meter-no-premise = Такого участка нет
meter-put-up-button = Установить
meter-put-up = Счётчик установлен
meter-saved = Паспорт счётчика сохранён
meter-replace = Заменить
meter-replace-title = Замена счётчика
meter-replaced = Счётчик заменён
meter-remove = Снять
meter-remove-title = Снятие счётчика
meter-removed-done = Счётчик снят
meter-install = Установить
meter-install-title = Установка счётчика
meter-old = Старый счётчик
meter-new-one = Новый счётчик
meter-stays = Где стоял
meter-stands = Счётчик с этим номером стоит или стоял позже этого дня
meter-stands-no-more = Счётчик уже снят
meter-wrong-day = День раньше установки или ещё не наступил
meter-other-dials = У счётчика с этим номером другие шкалы
meter-read-later = Есть показание позже, от { $date }
meter-last-values = Последнее показание
meter-last-day = Когда снято
meter-seals = Пломбы
meter-no-seals = Пломб не записано
seal-number = Номер пломбы
seal-kind = Вид
seal-place = Место на счётчике
seal-placed = Поставлена
seal-put-on = Поставить пломбу
seal-put-on-done = Пломба записана
seal-take-off = Снять
seal-taken-off-done = Пломба снята
seal-off-already = Пломба уже снята
seal-check = Записать осмотр
seal-checks = Осмотры пломбы
seal-checks-earlier = Раньше
seal-checked-done = Осмотр записан
seal-found = Что с пломбой
readings-title = Показания
readings-all = Все показания
readings-count = { $n ->
    [one] { $n } показание
    [few] { $n } показания
   *[many] { $n } показаний
}
readings-count-open = Больше { $n } показаний
readings-empty-title = Показаний ещё нет
readings-empty-text = Их приносят контролёры с обхода, вводят в офисе или загружают из файла.
reading-taken = Снято
reading-values = Показание
reading-used = Расход
reading-author = Кто
reading-source = Откуда
reading-state = Состояние
reading-month = Месяц
reading-flags = Что насторожило
reading-decide = Проверить
reading-correct-title = Исправление показания
reading-correct-text = Прежнее показание останется в истории, а считаться будет новое.
reading-correct-reason = Почему исправляем
reading-was = Было
reading-decided = Это показание больше не считается: его уже исправили или отклонили.
enter-title = Ввод показаний
enter-text = Строка — счётчик. Enter — к следующему, сохранить можно в любой момент.
enter-day = День снятия
enter-left = Только без показаний за месяц
enter-save = Сохранить введённое
enter-saved = { $n ->
    [0] Ничего не введено
    [one] Сохранено { $n } показание
    [few] Сохранено { $n } показания
   *[many] Сохранено { $n } показаний
}
enter-some-wrong = Часть строк не сохранена: посмотрите, что отмечено
enter-before = Было
enter-none-title = Здесь всё введено
enter-none-text = За этот месяц показания есть у всех счётчиков на выбранной линии.
enter-done = { $values }, { $date }
