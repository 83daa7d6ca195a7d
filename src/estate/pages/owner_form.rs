//! An owner is entered and changed. The same fields serve every form that can create an owner on the way.

use askama::Template;
use axum::extract::Path;

use super::{owner_href, visible_owner};
use crate::{
    audit::{Author, Entry, Subject},
    estate::owner::{Owner, OwnerDetails, OwnerId, OwnerKind, Phone},
    kernel::text::{clean_lines, is_email},
    web::{
        Check, Ctx, FieldErrors, Filled, Input, Result, form,
        page::{Choice, Shell, page},
    },
};

/// More phones than anybody gives.
const MOST_PHONES: usize = 10;

#[derive(Template)]
#[template(path = "estate/owners/form.html")]
struct FormPage {
    shell: Shell,
    form: Filled,
    action: String,
    back: String,
    back_label: String,
    kinds: Vec<Choice>,
}

pub async fn new(ctx: Ctx) -> Result {
    let title = ctx.l.t("owner-new-title");
    form_page(&ctx, title, None, Input::of([("kind", "person")]), FieldErrors::default()).await
}

async fn form_page(ctx: &Ctx, title: String, owner: Option<&Owner>, input: Input, errors: FieldErrors) -> Result {
    page(&FormPage {
        shell: Shell::of(ctx, title).await?,
        form: Filled::with_errors(ctx.l, input, errors),
        action: owner.map_or_else(|| "/owners".to_owned(), |owner| owner_href(owner.id)),
        back: owner.map_or_else(|| "/owners".to_owned(), |owner| owner_href(owner.id)),
        back_label: owner.map_or_else(|| ctx.l.t("owners-title"), |owner| owner.full_name.clone()),
        kinds: Choice::all_of::<OwnerKind>(ctx.l),
    })
}

/// The owner's fields. Phones stand one on a line or behind commas.
pub fn read(check: &mut Check<'_>, input: &Input) -> OwnerDetails {
    let kind = check.choice("kind");
    let last_name = check.line("last_name", 200);
    let is_person = kind == OwnerKind::Person;
    let first_name = check.optional_line("first_name", 80);
    let patronymic = check.optional_line("patronymic", 80);
    let email = check.optional_line("email", 200);
    check.ensure(email.is_empty() || is_email(&email), "email", "owner-email-wrong");
    OwnerDetails {
        kind,
        last_name,
        first_name: if is_person { first_name } else { String::new() },
        patronymic: if is_person { patronymic } else { String::new() },
        email,
        note: check.optional_lines("note", 2000),
        phones: read_phones(check, input.text("phones")),
    }
}

fn read_phones(check: &mut Check<'_>, typed: &str) -> Vec<Phone> {
    let lines = clean_lines(&typed.replace([',', ';'], "\n"));
    let mut phones: Vec<Phone> = Vec::new();
    for line in lines.lines().filter(|line| !line.is_empty()) {
        match Phone::parse(line) {
            Some(phone) if phones.contains(&phone) => {}
            Some(phone) => phones.push(phone),
            None => {
                check.wrong("phones", "owner-phone-wrong");
                return Vec::new();
            }
        }
    }
    check.ensure(phones.len() <= MOST_PHONES, "phones", "owner-phones-many");
    phones
}

pub async fn create(ctx: Ctx, input: Input) -> Result {
    let mut check = Check::new(&input);
    let details = read(&mut check, &input);
    let details = match check.done(details) {
        Ok(details) => details,
        Err(errors) => {
            let title = ctx.l.t("owner-new-title");
            return Ok(form::refused(form_page(&ctx, title, None, input, errors).await?));
        }
    };
    let author = Author::from(ctx.actor()?);
    let mut tx = ctx.db.begin().await?;
    let id = details.create(&mut tx, ctx.now()).await?;
    entry(&ctx, &author, "audit-owner-created", id, details.full_name()).created(&mut tx, &details).await?;
    tx.commit().await?;
    ctx.done(ctx.l.t("owner-created"), owner_href(id)).await
}

pub fn entry<'a>(ctx: &Ctx, author: &'a Author, action: &'static str, id: OwnerId, name: String) -> Entry<'a> {
    Entry { author, at: ctx.now(), action, subject: Subject::Owner, id: Some(id.0), name }
}

pub async fn edit(ctx: Ctx, Path(id): Path<String>) -> Result {
    let owner = visible_owner(&ctx, &id).await?;
    let phones = Owner::phones(&ctx.db, owner.id).await?;
    let phones = phones.iter().map(Phone::readable).collect::<Vec<_>>().join("\n");
    let input = Input::of([
        ("kind", owner.kind.as_str()),
        ("last_name", &owner.last_name),
        ("first_name", &owner.first_name),
        ("patronymic", &owner.patronymic),
        ("phones", &phones),
        ("email", &owner.email),
        ("note", &owner.note),
    ]);
    form_page(&ctx, owner.full_name.clone(), Some(&owner), input, FieldErrors::default()).await
}

pub async fn save(ctx: Ctx, Path(id): Path<String>, input: Input) -> Result {
    let owner = visible_owner(&ctx, &id).await?;
    let mut check = Check::new(&input);
    let details = read(&mut check, &input);
    let details = match check.done(details) {
        Ok(details) => details,
        Err(errors) => return Ok(form::refused(form_page(&ctx, owner.full_name.clone(), Some(&owner), input, errors).await?)),
    };
    let author = Author::from(ctx.actor()?);
    let mut tx = ctx.db.begin().await?;
    let phones = Owner::phones(&mut tx, owner.id).await?;
    details.save(&mut tx, owner.id).await?;
    entry(&ctx, &author, "audit-owner-changed", owner.id, details.full_name()).changed(&mut tx, &owner.details(phones), &details).await?;
    tx.commit().await?;
    ctx.done(ctx.l.t("owner-saved"), owner_href(owner.id)).await
}
