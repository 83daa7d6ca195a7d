//! Pages about messages: what became of each, sending one again, trying whether mail arrives, and the recipient's own "no more".

use askama::Template;
use axum::extract::Path;

use super::{
    Channel, MessageId, MessageKind, MessageState, NewMessage, Place,
    list::{self, MOST_COUNTED, MessageFilter, MessageRow},
    message::{self, Message},
    write,
};
use crate::{
    audit::{Author, Entry, Subject},
    estate::{owner::Owner, pages::shared::owner_href},
    kernel::text::is_email,
    staff::user::{
        Permission::{Administer, Notify, SeeMoney},
        User,
    },
    web::{
        Access::{Can, Public},
        Check, Ctx, Error, FieldErrors, Filled, Input, Keys, Result, Routes, form,
        list::{Address, Paging},
        page::{Choice, Head, Shell, page},
    },
};

pub fn routes() -> Routes {
    Routes::new()
        .get("/messages", Can(SeeMoney), show_all)
        .post("/messages/trial", Can(Administer), try_mail)
        .get("/messages/{message}", Can(SeeMoney), show)
        .post("/messages/{message}/again", Can(Notify), send_again)
        .get("/unsubscribe/{token}", Public, ask)
        .post("/unsubscribe/{token}", Public, unsubscribe)
}

#[derive(Template)]
#[template(path = "notify/list.html")]
struct ListPage {
    shell: Shell,
    sub: String,
    form: Filled,
    states: Vec<Choice>,
    channels: Vec<Choice>,
    kinds: Vec<Choice>,
    heads: Vec<Head>,
    rows: Vec<Row>,
    paging: Paging,
    address: Address,
    is_filtered: bool,
    /// Nothing leaves this installation until somebody sets it up.
    has_no_mail: bool,
    parked: String,
    may_try: bool,
}

struct Row {
    href: String,
    when: String,
    name: String,
    channel: String,
    place: String,
    kind: String,
    state: (&'static str, String),
    note: String,
}

/// How a state looks.
fn badge(state: MessageState) -> &'static str {
    match state {
        MessageState::Waiting => "info",
        MessageState::Sent => "good",
        MessageState::Parked | MessageState::Refused => "bad",
        MessageState::Held => "warn",
    }
}

async fn show_all(ctx: Ctx) -> Result {
    list_page(&ctx, Filled::new(ctx.l, ctx.query.clone())).await
}

async fn list_page(ctx: &Ctx, form: Filled) -> Result {
    let l = ctx.l;
    let filter = MessageFilter {
        words: ctx.query.text("q").to_owned(),
        state: ctx.query.text("state").parse().ok(),
        channel: ctx.query.text("channel").parse().ok(),
        kind: ctx.query.text("kind").parse().ok(),
        owner: ctx.query.text("owner").parse().ok(),
    };
    let paging = Paging::up_to(&ctx.query, filter.count(&ctx.db).await?, MOST_COUNTED);
    let rows = filter.rows(&ctx.db, (paging.per_page, paging.offset())).await?;
    let (waiting, parked) = list::waiting_and_parked(&ctx.db).await?;
    let actor = ctx.actor()?;
    page(&ListPage {
        sub: l.n("messages-waiting", waiting),
        form,
        states: Choice::all_of::<MessageState>(l),
        channels: Choice::all_of::<Channel>(l),
        kinds: Choice::all_of::<MessageKind>(l),
        heads: ["message-when", "message-to", "message-channel", "message-kind", "message-state"].map(|key| Head::plain(l.t(key))).into(),
        rows: rows.into_iter().map(|row| shown(ctx, row)).collect(),
        paging,
        address: Address::new("/messages", &ctx.query),
        is_filtered: ["q", "state", "channel", "kind", "owner"].iter().any(|name| !ctx.query.text(name).is_empty()),
        has_no_mail: ctx.config.mail.is_none(),
        parked: if parked > 0 { l.n("messages-parked", parked) } else { String::new() },
        may_try: actor.can(Administer),
        shell: Shell::of(ctx, l.t("messages-title")).await?,
    })
}

fn shown(ctx: &Ctx, row: MessageRow) -> Row {
    let l = ctx.l;
    let note = match row.state {
        MessageState::Waiting if row.attempts > 0 => l.a("message-again-at", &[("when", ctx.moment(row.next_at))]),
        MessageState::Parked | MessageState::Refused => row.error,
        _ => String::new(),
    };
    Row {
        href: format!("/messages/{}", row.id),
        when: ctx.moment(row.sent_at.unwrap_or(row.created_at)),
        name: row.name.unwrap_or_else(|| row.address.clone()),
        channel: l.t(row.channel.key()),
        place: row.address,
        kind: l.t(row.kind.key()),
        state: (badge(row.state), l.t(row.state.key())),
        note,
    }
}

#[derive(Template)]
#[template(path = "notify/show.html")]
struct ShowPage {
    shell: Shell,
    state: (&'static str, String),
    /// Name, value and where it leads, if anywhere.
    facts: Vec<(String, String, String)>,
    paragraphs: Vec<String>,
    again: String,
}

async fn show(ctx: Ctx, Keys(id): Keys<MessageId>) -> Result {
    let l = ctx.l;
    let message = Message::find(&ctx.db, id).await?.ok_or(Error::NotFound)?;
    let mut facts = Vec::new();
    if let Some(owner) = message.owner_id {
        let name = Owner::find(&ctx.db, owner).await?.map_or_else(String::new, |owner| owner.full_name);
        facts.push((l.t("message-to"), name, owner_href(owner)));
    } else if let Some(user) = message.user_id {
        let name = User::find(&ctx.db, user).await?.map_or_else(String::new, |user| user.name);
        facts.push((l.t("message-to"), name, String::new()));
    }
    let mut fact = |key: &str, value: String| {
        if !value.is_empty() {
            facts.push((l.t(key), value, String::new()));
        }
    };
    fact("message-channel", format!("{}, {}", l.t(message.channel.key()), message.address));
    fact("message-kind", l.t(message.kind.key()));
    fact("message-written", ctx.moment(message.created_at));
    fact("message-sent", message.sent_at.map_or_else(String::new, |at| ctx.moment(at)));
    fact("message-attempts", if message.attempts > 0 { message.attempts.to_string() } else { String::new() });
    if message.state == MessageState::Waiting && message.attempts > 0 {
        fact("message-next", ctx.moment(message.next_at));
    }
    fact("message-receipt", message.provider_id.clone());
    fact("message-error", message.error.clone());
    let may = ctx.actor()?.can(Notify) && matches!(message.state, MessageState::Parked | MessageState::Refused | MessageState::Held);
    page(&ShowPage {
        shell: Shell::of(&ctx, message.subject.clone()).await?,
        state: (badge(message.state), l.t(message.state.key())),
        facts,
        paragraphs: message.text.split("\n\n").map(ToOwned::to_owned).collect(),
        again: if may { format!("/messages/{id}/again") } else { String::new() },
    })
}

async fn send_again(ctx: Ctx, Keys(id): Keys<MessageId>) -> Result {
    let message = Message::find(&ctx.db, id).await?.ok_or(Error::NotFound)?;
    let author = Author::from(ctx.actor()?);
    let mut tx = ctx.db.begin().await?;
    if !message.send_again(&mut tx, ctx.now()).await? {
        return Err(Error::Conflict("message-not-stopped"));
    }
    let entry = Entry {
        author: &author,
        at: ctx.now(),
        action: "audit-message-again",
        subject: Subject::Message,
        id: Some(id.0),
        name: message.subject.clone(),
    };
    entry.noted(&mut tx).await?;
    tx.commit().await?;
    ctx.done(ctx.l.t("audit-message-again"), format!("/messages/{id}")).await
}

/// A message to an address of the administrator's choice, to see whether mail arrives.
async fn try_mail(ctx: Ctx, input: Input) -> Result {
    let l = ctx.l;
    let mut check = Check::new(&input);
    let address = check.line("address", 254);
    check.ensure(address.is_empty() || is_email(&address), "address", "form-email");
    let address = match check.done(address) {
        Ok(address) => address,
        Err(errors) => return refuse(&ctx, input, errors).await,
    };
    let organisation = crate::admin::settings::Settings::load(&ctx.db).await?.organisation;
    let actor = ctx.actor()?;
    let trial = NewMessage {
        to: Place { channel: Channel::Email, address: address.clone() },
        otherwise: None,
        kind: MessageKind::Trial,
        subject: l.t("trial-subject"),
        text: l.a("trial-text", &[("organisation", organisation), ("name", actor.name.clone())]),
        owner: None,
        user: Some(actor.id),
        key: None,
    };
    let author = Author::from(actor);
    let mut tx = ctx.db.begin().await?;
    write(&mut tx, &[trial], ctx.now()).await?;
    Entry { author: &author, at: ctx.now(), action: "audit-message-trial", subject: Subject::Message, id: None, name: address }
        .noted(&mut tx)
        .await?;
    tx.commit().await?;
    ctx.done(l.t("trial-written"), "/messages").await
}

async fn refuse(ctx: &Ctx, input: Input, errors: FieldErrors) -> Result {
    Ok(form::refused(list_page(ctx, Filled::with_errors(ctx.l, input, errors)).await?))
}

#[derive(Template)]
#[template(path = "notify/unsubscribe.html")]
struct UnsubscribePage {
    shell: Shell,
    text: String,
    /// Nothing when there is nothing more to be asked.
    action: String,
}

async fn ask(ctx: Ctx, Path(token): Path<String>) -> Result {
    unsubscribe_page(&ctx, &token, false).await
}

/// Also what mailboxes send by themselves when their owner presses "unsubscribe" (RFC 8058).
async fn unsubscribe(ctx: Ctx, Path(token): Path<String>) -> Result {
    let message = Message::by_token(&ctx.db, &token).await?.ok_or(Error::NotFound)?;
    let mut tx = ctx.db.begin().await?;
    message::give_up(&mut tx, &message.place(), "unsubscribed", ctx.now()).await?;
    let author = Author::program("mail");
    Entry {
        author: &author,
        at: ctx.now(),
        action: "audit-unsubscribed",
        subject: Subject::Message,
        id: Some(message.id.0),
        name: message.subject,
    }
    .noted(&mut tx)
    .await?;
    tx.commit().await?;
    unsubscribe_page(&ctx, &token, true).await
}

async fn unsubscribe_page(ctx: &Ctx, token: &str, is_done: bool) -> Result {
    let message = Message::by_token(&ctx.db, token).await?.ok_or(Error::NotFound)?;
    let key = if is_done { "unsubscribe-done" } else { "unsubscribe-text" };
    page(&UnsubscribePage {
        shell: Shell::plain(ctx, ctx.l.t("unsubscribe-title")),
        text: ctx.l.a(key, &[("address", message.address)]),
        action: if is_done { String::new() } else { format!("/unsubscribe/{token}") },
    })
}
