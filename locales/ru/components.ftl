# Слова общих элементов страниц
field-optional = необязательно
errors-summary =
    { $n ->
        [one] Исправьте { $n } поле
        [few] Исправьте { $n } поля
       *[other] Исправьте { $n } полей
    }
dialog-close = Закрыть
pager-label = Страницы списка
pager-rows = { $first }–{ $last } из { $total }
pager-rows-open = { $first }–{ $last } из первых { $total }; чтобы увидеть остальные, сузьте отбор
pager-page = Страница { $page } из { $pages }
pager-back = Назад
pager-on = Дальше
nothing-found-title = Ничего не нашлось
nothing-found-text = Под эти условия не подходит ни одна запись. Измените их или сбросьте.
filter-apply = Показать
filter-reset = Сбросить
filter-all = Все
filter-excel = Excel
chart-values = Значения таблицей
progress-of = { $done } из { $total }
dial-lower = Меньше прежнего на { "{n}" }. Счётчик заменён, перевёрнут или опечатка?
dial-wrapped = Похоже, счётчик перешёл через ноль: расход { "{n}" }.
dial-above = Заметно больше обычного. Проверьте цифры.
dial-below = Заметно меньше обычного. Проверьте цифры.
dial-unreadable = Только цифры и запятая.
size-kib = { $n } КБ
size-mib = { $n } МБ
size-gib = { $n } ГБ
progress-label = Сделано
