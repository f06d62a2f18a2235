//! The defects of the project, and who can be given one.

use crate::dialect::Dialect;
use crate::mock::{Fault, Faults};
use crate::project::{Catalogue, Defect, Judged, Mistake, Project, defects, nearest};
use crate::world::{Embedded, Subject};

/// The faults of a defect make sense.
fn prove_faults(defect: &Defect<Fault>) -> Result<(), Mistake> {
    for fault in &defect.faults {
        Faults::default().plant(fault.clone()).map_err(|error| {
            let file = defect.file.display();
            Mistake::new(format!("cannot {error} of the defect `{}` in `{file}`", defect.name))
        })?;
    }
    Ok(())
}

/// The mock that defects are given to.
pub(in crate::cli) fn breakable<'a>(
    name: &str,
    subject: &'a Subject,
) -> Result<&'a Embedded, Mistake> {
    let Subject::Embedded(embedded) = subject else {
        return Err(Mistake::new(format!("the target `{name}` cannot be given defects"))
            .with_hint("choose a target whose platform is the embedded mock"));
    };
    Ok(embedded)
}

/// The defects of the project, proven to make sense.
pub(in crate::cli) fn known_defects(
    project: &Project,
    (catalogue, judged): (&Catalogue, Judged),
    dialect: &Dialect,
) -> Result<Vec<Defect<Fault>>, Mistake> {
    let defects = defects::<Fault>(project, (catalogue, judged), dialect)?;
    defects.iter().try_for_each(prove_faults)?;
    Ok(defects)
}

/// The defect of this name.
pub(in crate::cli) fn find<'a>(
    defects: &'a [Defect<Fault>],
    name: &str,
) -> Result<&'a Defect<Fault>, Mistake> {
    defects.iter().find(|defect| defect.name == name).ok_or_else(|| {
        let mistake = Mistake::new(format!("unknown defect `{name}`"));
        match nearest(name, defects.iter().map(|defect| defect.name.as_str())) {
            Some(near) => mistake.with_hint(format!("did you mean `{near}`?")),
            None => mistake.with_hint("the files `*.defects.yaml` beside the features name them"),
        }
    })
}

/// The defects of these names; all of them if there are none.
pub(super) fn chosen(
    defects: &[Defect<Fault>],
    names: &[String],
) -> Result<Vec<Defect<Fault>>, Mistake> {
    match names {
        [] => Ok(defects.to_vec()),
        names => names.iter().map(|name| find(defects, name).cloned()).collect(),
    }
}
