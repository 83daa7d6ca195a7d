//! What the accountant's program makes of our workbooks.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// Opens the workbook in LibreOffice, has every formula computed anew, and saves it.
pub fn recalculated(path: &Path, folder: &Path) -> PathBuf {
    let profile = folder.join("profile/user");
    fs::create_dir_all(&profile).unwrap();
    // 0: always recalculate files of other programs.
    fs::write(
        profile.join("registrymodifications.xcu"),
        r#"<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry"><item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item></oor:items>"#,
    )
    .unwrap();
    let out = folder.join("out");
    let profile_url = format!("-env:UserInstallation=file://{}", folder.join("profile").display());
    let done = Command::new("soffice")
        .args([&profile_url, "--headless", "--convert-to", "xlsx", "--outdir"])
        .arg(&out)
        .arg(path)
        .output()
        .expect("LibreOffice is installed by scripts/test");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    out.join(path.file_name().unwrap())
}
