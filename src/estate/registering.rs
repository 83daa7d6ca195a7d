//! Sites and premises as anybody enters them, on a page or by a call: what must not be there twice, and the entry in the audit.

use super::{
    premise::{Premise, PremiseDetails, PremiseId},
    site::{Site, SiteDetails, SiteId},
    tally,
};
use crate::{
    audit::{Author, Entry, Subject},
    db::{self, Tx},
    kernel::Moment,
};

/// Why nothing was entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotEntered {
    /// Another site bears the name.
    NameTaken,
    /// There is no such site, or it has ended.
    NoSite,
    /// Another premise of the site bears the label.
    LabelTaken,
}

impl NotEntered {
    /// The field that is to blame, as forms call it.
    pub fn field(self) -> &'static str {
        match self {
            Self::NameTaken => "name",
            Self::NoSite => "site",
            Self::LabelTaken => "label",
        }
    }

    /// The key of the message that says it.
    pub fn key(self) -> &'static str {
        match self {
            Self::NameTaken => "site-name-taken",
            Self::NoSite => "form-choose",
            Self::LabelTaken => "premise-label-taken",
        }
    }
}

/// Who enters something, and when.
#[derive(Clone, Copy, Debug)]
pub struct Hand<'a> {
    pub author: &'a Author,
    pub at: Moment,
}

impl Hand<'_> {
    fn site(&self, action: &'static str, id: SiteId, name: &str) -> Entry<'_> {
        Entry { author: self.author, at: self.at, action, subject: Subject::Site, id: Some(id.0), name: name.to_owned() }
    }

    fn premise(&self, action: &'static str, id: PremiseId, label: &str) -> Entry<'_> {
        Entry { author: self.author, at: self.at, action, subject: Subject::Premise, id: Some(id.0), name: label.to_owned() }
    }

    /// Writes a new site down, or the changes of one; no two sites bear one name.
    pub async fn enter_site(&self, tx: &mut Tx, known: Option<&Site>, details: &SiteDetails) -> db::Result<Result<SiteId, NotEntered>> {
        tx.lock(SiteDetails::NAME_LOCK, 0).await?;
        let namesake = Site::by_name(&mut *tx, &details.name).await?;
        if namesake.is_some_and(|id| known.is_none_or(|site| site.id != id)) {
            return Ok(Err(NotEntered::NameTaken));
        }
        let Some(site) = known else {
            let id = details.create(tx, self.at).await?;
            self.site("audit-site-created", id, &details.name).created(tx, details).await?;
            return Ok(Ok(id));
        };
        details.save(tx, site.id).await?;
        self.site("audit-site-changed", site.id, &details.name).changed(tx, &site.details, details).await?;
        Ok(Ok(site.id))
    }

    /// Takes a site away that nothing hangs on.
    ///
    /// # Errors
    /// A violated foreign key when something does.
    pub async fn take_site_away(&self, tx: &mut Tx, site: &Site) -> db::Result<()> {
        site.take_away(tx).await?;
        self.site("audit-site-deleted", site.id, &site.details.name).noted(tx).await
    }

    /// Writes a new premise down; no two of a site bear one label.
    pub async fn enter_premise(&self, tx: &mut Tx, site: SiteId, details: &PremiseDetails) -> db::Result<Result<PremiseId, NotEntered>> {
        if Site::find(&mut *tx, site).await?.is_none_or(|site| site.ended_on.is_some()) {
            return Ok(Err(NotEntered::NoSite));
        }
        tx.lock(PremiseDetails::LABEL_LOCK, site.0).await?;
        if Premise::by_label(&mut *tx, site, &details.label).await?.is_some() {
            return Ok(Err(NotEntered::LabelTaken));
        }
        let id = details.create(tx, site, self.at).await?;
        self.premise("audit-premise-created", id, &details.label).created(tx, details).await?;
        tally::recount(tx, site).await?;
        Ok(Ok(id))
    }

    /// Writes the changes of a premise down.
    pub async fn change_premise(&self, tx: &mut Tx, premise: &Premise, details: &PremiseDetails) -> db::Result<Result<(), NotEntered>> {
        tx.lock(PremiseDetails::LABEL_LOCK, premise.site_id.0).await?;
        let same = Premise::by_label(&mut *tx, premise.site_id, &details.label).await?;
        if same.is_some_and(|same| same.id != premise.id) {
            return Ok(Err(NotEntered::LabelTaken));
        }
        details.save(tx, premise.id).await?;
        self.premise("audit-premise-changed", premise.id, &details.label).changed(tx, &premise.details(), details).await?;
        Ok(Ok(()))
    }

    /// Takes a premise away that nothing hangs on.
    ///
    /// # Errors
    /// A violated foreign key when something does.
    pub async fn take_premise_away(&self, tx: &mut Tx, premise: &Premise) -> db::Result<()> {
        premise.take_away(tx).await?;
        self.premise("audit-premise-deleted", premise.id, &premise.label).noted(tx).await?;
        tally::recount(tx, premise.site_id).await
    }
}
