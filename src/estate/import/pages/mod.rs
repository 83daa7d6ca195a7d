//! The pages of an import: the list of files, the upload, the meaning of columns, the plan and what became of it.

mod columns;
mod list;
mod plan;
mod upload;

use crate::{
    estate::import::{
        batch::{Batch, BatchId},
        guard::Refused,
        table::Workbook,
    },
    files::Kind,
    metering::Resource,
    staff::user::Permission,
    web::{Access, Ctx, Locale, Result, Routes},
};

/// The largest file that is read (`guard::LARGEST_FILE_BYTES`) and the fields around it.
const UPLOAD_LIMIT_BYTES: usize = (32 << 20) + (64 << 10);

pub fn routes() -> Routes {
    let import = Access::Can(Permission::Import);
    Routes::new()
        .get("/imports", import, list::show)
        .get("/imports/new", import, upload::show)
        .upload("/imports", import, UPLOAD_LIMIT_BYTES, upload::receive)
        .get("/imports/{id}/columns", import, columns::show)
        .post("/imports/{id}/columns", import, columns::choose)
        .get("/imports/{id}", import, plan::show)
        .post("/imports/{id}/run", import, plan::run)
        .get("/imports/{id}/progress", import, plan::progress)
        .get("/imports/{id}/result", import, plan::result)
        .get("/imports/{id}/undo", import, plan::ask_undo)
        .post("/imports/{id}/undo", import, plan::undo)
        .post("/imports/{id}/discard", import, plan::discard)
}

/// The batch, if the person may see its site.
async fn find(ctx: &Ctx, id: BatchId) -> Result<Batch> {
    ctx.visible(Batch::find(&ctx.db, id).await?, |batch| batch.site_id)
}

/// The table in a batch's file, or why it cannot be read (any more).
async fn workbook(ctx: &Ctx, batch: &Batch) -> std::result::Result<Workbook, Refused> {
    ctx.tables.read(&ctx.files.path(Kind::Import, &batch.file_hash)).await
}

/// Why a file is not read, in words that say what to do.
fn refusal(refused: &Refused, l: Locale) -> String {
    l.a(refused.why.key(), &[("place", &refused.place)])
}

/// What a column or a difference is about.
fn resource_name(resource: Resource, l: Locale) -> String {
    l.t(match resource {
        Resource::Water => "import-resource-water",
        Resource::Electricity => "import-resource-electricity",
    })
}
