review-title = Проверка показаний
review-one-title = Проверка показания
review-begin = Начать проверку
review-empty-title = Всё проверено
review-empty-text = Сюда попадают показания, которые чем-то настораживают: меньше прежних, намного больше обычного, перепутанные день и ночь.
review-meter = Счётчик
review-taken = Снято
review-author = Снял
review-why = Что насторожило
review-before = До этого
review-usual = Обычно
review-premise = Карточка участка
review-no-photo = Фото нет
review-no-photo-text = Контролёр не приложил фотографию.
review-chart = Расход между показаниями
review-left = { $n ->
    [one] Ждёт проверки: { $n }
   *[other] Ждут проверки: { $n }
}
review-note = Пояснение
review-note-hint = При отклонении — обязательно: почему
review-accept = Принять
review-reject = Отклонить
review-correct = Исправить
review-correct-legend = Или введите верное показание
review-keys = С клавиатуры: A — принять, R — отклонить, C — исправить.
review-closed = Решение уже принято
review-accepted = Показание принято
review-rejected = Показание отклонено
review-corrected = Показание исправлено; прежнее сохранено в истории
review-decided-already = Это показание уже проверил кто-то другой.
review-odd = { $doubts }. Сохраните ещё раз, если так и есть
