//! An owner: a person or a company, with the ways to reach them.

use std::{collections::HashMap, fmt};

use serde::Serialize;

use super::site::SiteId;
use crate::{
    db::{self, On, Tx, insert_many, insert_many_for_ids, placeholders, q},
    kernel::{
        Moment,
        text::{clean_line, natural_key},
    },
    search::{self, Found},
};

crate::ids! {
    /// Key of an owner.
    OwnerId,
}

crate::text_enum! {
    /// Whether it is a person.
    OwnerKind as "owner-kind" { Person = "person", Company = "company" }
}

/// A phone number in E.164 form, such as `+79181590830`. Logs show its last two digits only.
#[derive(Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct Phone(String);

impl Phone {
    /// Any Russian spelling (`8 (918) 159-08-30`, `9181590830`) and any international one that begins with a plus.
    pub fn parse(typed: &str) -> Option<Self> {
        let line = clean_line(typed);
        let is_international = line.starts_with('+');
        if line.chars().any(|c| !(c.is_ascii_digit() || " ()+-.\u{2010}\u{2011}\u{2013}".contains(c))) {
            return None;
        }
        let digits: String = line.chars().filter(char::is_ascii_digit).collect();
        match (is_international, digits.len(), digits.chars().next()) {
            (false, 11, Some('8')) => Some(Self(format!("+7{}", &digits[1..]))),
            (false, 10, Some('3' | '4' | '8' | '9')) => Some(Self(format!("+7{digits}"))),
            (_, 11, Some('7')) | (true, 8..=15, _) => Some(Self(format!("+{digits}"))),
            _ => None,
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// As people write it: `+7 918 159-08-30`; foreign numbers as they are.
    pub fn readable(&self) -> String {
        match self.0.strip_prefix("+7") {
            Some(rest) if rest.len() == 10 => format!("+7 {} {}-{}-{}", &rest[..3], &rest[3..6], &rest[6..8], &rest[8..]),
            _ => self.0.clone(),
        }
    }

    /// A number that was stored.
    pub fn stored(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Phone(…{})", &self.0[self.0.len().saturating_sub(2)..])
    }
}

/// An owner as stored, without phones.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Owner {
    pub id: OwnerId,
    pub kind: OwnerKind,
    pub last_name: String,
    pub first_name: String,
    pub patronymic: String,
    pub full_name: String,
    pub email: String,
    pub note: String,
}

/// What a person enters about an owner. A company's name stands in `last_name`.
#[derive(Clone, Debug, Serialize)]
pub struct OwnerDetails {
    pub kind: OwnerKind,
    pub last_name: String,
    pub first_name: String,
    pub patronymic: String,
    pub email: String,
    pub note: String,
    pub phones: Vec<Phone>,
}

impl Owner {
    pub async fn find(on: impl Into<On<'_>>, id: OwnerId) -> db::Result<Option<Self>> {
        q(on, "select id, kind, last_name, first_name, patronymic, full_name, email, note from owner where id = $1").bind(id).opt().await
    }

    /// The sites on which the owner has or had anything.
    pub async fn sites(on: impl Into<On<'_>>, id: OwnerId) -> db::Result<Vec<SiteId>> {
        q(
            on,
            "select p.site_id from ownership w join premise p on p.id = w.premise_id where w.owner_id = $1
            union
            select p.site_id from account a join premise p on p.id = a.premise_id where a.payer_id = $1",
        )
        .bind(id)
        .scalars()
        .await
    }

    /// Deletes the record while nothing hangs on it.
    ///
    /// # Errors
    /// A violated foreign key when something does.
    pub async fn take_away(&self, tx: &mut Tx) -> db::Result<()> {
        for sql in ["delete from owner_phone where owner_id = $1", "delete from owner where id = $1"] {
            q(&mut *tx, sql).bind(self.id).run().await?;
        }
        search::index(tx, Found::Owner, self.id.0, &[]).await
    }

    /// Those of the keys with their phones, in the order of the keys. At most 400 of them.
    pub async fn some(on: impl Into<On<'_>>, ids: &[OwnerId]) -> db::Result<Vec<(Self, Vec<Phone>)>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let mut on = on.into();
        let list = placeholders(1, ids.len());
        let sql = format!("select id, kind, last_name, first_name, patronymic, full_name, email, note from owner where id in ({list})");
        let found: Vec<Self> = ids.iter().fold(q(&mut on, sql), |statement, id| statement.bind(*id)).all().await?;
        let sql = format!("select owner_id, phone from owner_phone where owner_id in ({list}) order by owner_id, position, id");
        let phones: Vec<(OwnerId, String)> = ids.iter().fold(q(&mut on, sql), |statement, id| statement.bind(*id)).all().await?;
        let mut by_key: HashMap<OwnerId, (Self, Vec<Phone>)> = found.into_iter().map(|owner| (owner.id, (owner, Vec::new()))).collect();
        for (owner, phone) in phones {
            by_key.entry(owner).and_modify(|(_, phones)| phones.push(Phone(phone)));
        }
        Ok(ids.iter().filter_map(|id| by_key.remove(id)).collect())
    }

    pub fn details(&self, phones: Vec<Phone>) -> OwnerDetails {
        OwnerDetails {
            kind: self.kind,
            last_name: self.last_name.clone(),
            first_name: self.first_name.clone(),
            patronymic: self.patronymic.clone(),
            email: self.email.clone(),
            note: self.note.clone(),
            phones,
        }
    }

    /// Phones in the order they were entered.
    pub async fn phones(on: impl Into<On<'_>>, id: OwnerId) -> db::Result<Vec<Phone>> {
        let phones: Vec<String> =
            q(on, "select phone from owner_phone where owner_id = $1 order by position, id").bind(id).scalars().await?;
        Ok(phones.into_iter().map(Phone).collect())
    }
}

impl OwnerDetails {
    /// Family name, name, patronymic; empty parts leave no gaps.
    pub fn full_name(&self) -> String {
        clean_line(&format!("{} {} {}", self.last_name, self.first_name, self.patronymic))
    }

    /// Everything the owner is found by: names, phones with and without their country.
    fn texts(&self) -> Vec<String> {
        let phones = self.phones.iter().map(|phone| phone.as_str().to_owned());
        // People search for a Russian number as they dial it.
        let dialled = self.phones.iter().filter_map(|phone| phone.as_str().strip_prefix("+7").map(|rest| format!("8{rest}")));
        std::iter::once(self.full_name()).chain(phones).chain(dialled).collect()
    }

    fn terms(&self) -> std::collections::BTreeSet<String> {
        let texts = self.texts();
        search::endings(&texts.iter().map(String::as_str).collect::<Vec<_>>())
    }

    pub async fn create(&self, tx: &mut Tx, at: Moment) -> db::Result<OwnerId> {
        let ids = Self::create_many(tx, at, std::slice::from_ref(self)).await?;
        Ok(ids[0])
    }

    /// Creates many at once, findable by name and phone; answers the keys in the same order.
    pub async fn create_many(tx: &mut Tx, at: Moment, owners: &[Self]) -> db::Result<Vec<OwnerId>> {
        let columns = "owner (kind, last_name, first_name, patronymic, full_name, sort_key, email, note, created_at)";
        let ids = insert_many_for_ids(tx, columns, owners, |statement, owner| {
            let full_name = owner.full_name();
            statement
                .bind(owner.kind)
                .bind(owner.last_name.as_str())
                .bind(owner.first_name.as_str())
                .bind(owner.patronymic.as_str())
                .bind(full_name.as_str())
                .bind(natural_key(&full_name))
                .bind(owner.email.as_str())
                .bind(owner.note.as_str())
                .bind(at)
        })
        .await?;
        let phones: Vec<(i64, &Phone, i64)> = ids
            .iter()
            .zip(owners)
            .flat_map(|(id, owner)| owner.phones.iter().zip(0..).map(|(phone, position)| (*id, phone, position)))
            .collect();
        insert_phones(tx, &phones).await?;
        let terms: Vec<_> = ids.iter().zip(owners).map(|(id, owner)| (*id, owner.terms())).collect();
        search::index_new(tx, Found::Owner, &terms).await?;
        Ok(ids.into_iter().map(OwnerId).collect())
    }

    pub async fn save(&self, tx: &mut Tx, id: OwnerId) -> db::Result<()> {
        let full_name = self.full_name();
        q(
            &mut *tx,
            "update owner
            set kind = $2, last_name = $3, first_name = $4, patronymic = $5, full_name = $6, sort_key = $7, email = $8, note = $9
            where id = $1",
        )
        .bind(id)
        .bind(self.kind)
        .bind(self.last_name.as_str())
        .bind(self.first_name.as_str())
        .bind(self.patronymic.as_str())
        .bind(full_name.as_str())
        .bind(natural_key(&full_name))
        .bind(self.email.as_str())
        .bind(self.note.as_str())
        .run()
        .await?;
        q(&mut *tx, "delete from owner_phone where owner_id = $1").bind(id).run().await?;
        let phones: Vec<(i64, &Phone, i64)> = self.phones.iter().zip(0..).map(|(phone, position)| (id.0, phone, position)).collect();
        insert_phones(tx, &phones).await?;
        let texts = self.texts();
        search::index(tx, Found::Owner, id.0, &texts.iter().map(String::as_str).collect::<Vec<_>>()).await
    }
}

async fn insert_phones(tx: &mut Tx, phones: &[(i64, &Phone, i64)]) -> db::Result<()> {
    insert_many(tx, "owner_phone (owner_id, phone, position)", phones, |statement, (owner, phone, position)| {
        statement.bind(*owner).bind(phone.as_str()).bind(*position)
    })
    .await
}

/// Makes two records of one owner into one: everything `duplicate` has or had becomes `kept`'s, and the duplicate is gone.
///
/// The phones of both stay; the rest of `kept` is as it was.
pub async fn merge(tx: &mut Tx, kept: OwnerId, duplicate: OwnerId) -> db::Result<()> {
    for sql in [
        "update ownership set owner_id = $1 where owner_id = $2",
        "update account set payer_id = $1 where payer_id = $2",
        "update owner_phone set owner_id = $1, position = position + 100
        where owner_id = $2 and phone not in (select phone from owner_phone where owner_id = $1)",
    ] {
        q(&mut *tx, sql).bind(kept).bind(duplicate).run().await?;
    }
    q(&mut *tx, "delete from owner_phone where owner_id = $1").bind(duplicate).run().await?;
    search::index(tx, Found::Owner, duplicate.0, &[]).await?;
    q(&mut *tx, "delete from owner where id = $1").bind(duplicate).run().await?;
    if let Some(owner) = Owner::find(&mut *tx, kept).await? {
        let phones = Owner::phones(&mut *tx, kept).await?;
        owner.details(phones).save(tx, kept).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phones_are_read_in_any_spelling() {
        for typed in ["+7 (918) 159-08-30", "89181590830", "8-918-159-0830", "9181590830", "79181590830"] {
            assert_eq!(Phone::parse(typed).unwrap().as_str(), "+79181590830", "{typed}");
        }
        assert_eq!(Phone::parse("+49 30 123456").unwrap().as_str(), "+4930123456");
        for wrong in ["", "12345", "телефон", "+7 918 159-08-30 доб. 5", "0000000000"] {
            assert_eq!(Phone::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_phone_is_readable_for_people_and_hidden_in_logs() {
        let phone = Phone::parse("89181590830").unwrap();
        assert_eq!(phone.readable(), "+7 918 159-08-30");
        assert_eq!(format!("{phone:?}"), "Phone(…30)");
    }
}
