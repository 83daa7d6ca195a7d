messages-title = Сообщения
messages-waiting = { $n ->
    [0] Ничего не ждёт отправки
    [one] { $n } сообщение ждёт отправки
    [few] { $n } сообщения ждут отправки
   *[many] { $n } сообщений ждут отправки
}
messages-parked = { $n ->
    [one] { $n } сообщение не ушло и ждёт вашего решения
    [few] { $n } сообщения не ушли и ждут вашего решения
   *[many] { $n } сообщений не ушли и ждут вашего решения
}
messages-no-mail = Почта не настроена: задайте SMTP_URL и MAIL_FROM и перезапустите программу. Сообщения дождутся.
messages-search = Имя или телефон
messages-empty-title = Сообщений ещё нет
messages-empty-text = Здесь видно каждое письмо: кому, когда и что с ним стало.
message-when = Когда
message-to = Кому
message-channel = Как
message-kind = О чём
message-state = Что с ним
message-about = Сообщение
message-text = Текст
message-written = Написано
message-sent = Отправлено
message-attempts = Попыток
message-next = Следующая попытка
message-again-at = ещё раз { $when }
message-receipt = Ответ сервера
message-error = Почему не ушло
message-again = Отправить ещё раз
message-not-stopped = Это сообщение уже отправлено или ещё в пути.
channel-email = Почта
channel-telegram = Telegram
message-kind-reminder = Напоминание
message-kind-debt_letter = Письмо о долге
message-kind-pre_court = Претензия
message-kind-payout = Выплата
message-kind-totals = Итоги
message-kind-trial = Проба
message-state-waiting = Ждёт отправки
message-state-sent = Отправлено
message-state-parked = Не ушло
message-state-refused = Адрес не принимает
message-state-held = Задержано
trial-title = Проверить почту
trial-address = Ваш адрес почты
trial-hint = Письмо уйдёт в течение минуты. Что с ним стало, будет видно в списке
trial-send = Отправить пробное письмо
trial-written = Письмо написано и ждёт отправки
trial-subject = Проба почты
trial-text = Это пробное письмо { $organisation }.

    Его попросил отправить { $name }. Если вы его читаете, почта работает.
unsubscribe-title = Больше не писать?
unsubscribe-text = На адрес { $address } больше не будут приходить письма о долгах и напоминания.
unsubscribe-do = Больше не писать
unsubscribe-done = На адрес { $address } больше не придёт ни одного письма. Передумаете - скажите в конторе.
form-email = Введите адрес почты, например: zoya@example.org
