//! Lists `static/` for the program; a release build carries the files inside itself. New migrations are noticed here too.

fn main() {
    // A line per file would drown what a reader of the build should see.
    let embed = std::env::var("PROFILE").is_ok_and(|profile| profile == "release");
    println!("cargo::rerun-if-changed=static");
    println!("cargo::rerun-if-changed=migrations");
    memory_serve::load_directory_with_embed("static", embed);
}
