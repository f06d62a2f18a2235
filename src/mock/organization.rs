//! Which part of the platform's customers a FHIR base names.

use super::platform::Platform;

/// An organization by its numbers; all absent: the whole platform.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Organization {
    pub(super) practice: Option<u32>,
    pub(super) brand: Option<u32>,
    pub(super) department: Option<u32>,
    pub(super) chart_sharing_group: Option<u32>,
}

impl Organization {
    /// The organization of a FHIR base, with or without trailing slash; `None` if the address is
    /// not a FHIR base of this platform, or names parts that do not belong together.
    pub(super) fn of_base(platform: &Platform, url: &str) -> Option<Self> {
        let path = url.strip_prefix(platform.base())?;
        let path = path.strip_suffix('/').unwrap_or(path);
        let before = path.strip_suffix(platform.dialect().paths.fhir.as_str())?;
        Self::of_prefix(platform, before)
    }

    /// The organization that the path of a FHIR request names.
    pub(super) fn of_path(platform: &Platform, path: &str) -> Option<Self> {
        let start = path.find(platform.dialect().paths.fhir.as_str())?;
        Self::of_prefix(platform, &path[..start])
    }

    /// Whether a practice belongs to it.
    pub(super) fn holds(&self, practice: u32) -> bool {
        self.practice.is_none_or(|own| own == practice)
    }

    fn of_prefix(platform: &Platform, prefix: &str) -> Option<Self> {
        if prefix.is_empty() {
            return Some(Self::default());
        }
        let templates = &platform.dialect().paths.organizations;
        let named = templates.iter().find_map(|template| Self::read(template, prefix))?;
        named.exists(platform).then_some(named)
    }

    fn read(template: &str, prefix: &str) -> Option<Self> {
        if template.split('/').count() != prefix.split('/').count() {
            return None;
        }
        let mut named = Self::default();
        for (expected, segment) in template.split('/').zip(prefix.split('/')) {
            let number = || segment.parse::<u32>().ok();
            match expected {
                "{practice}" => named.practice = Some(number()?),
                "{brand}" => named.brand = Some(number()?),
                "{department}" => named.department = Some(number()?),
                "{csg}" => named.chart_sharing_group = Some(number()?),
                _ if expected != segment => return None,
                _ => {}
            }
        }
        Some(named)
    }

    fn exists(&self, platform: &Platform) -> bool {
        let mut practices = platform.sandbox().practices.iter();
        let practice = practices.find(|practice| Some(practice.id) == self.practice);
        practice.is_some_and(|practice| {
            self.brand.is_none_or(|brand| practice.brands.contains(&brand))
                && self.department.is_none_or(|number| practice.departments.contains(&number))
                && self
                    .chart_sharing_group
                    .is_none_or(|group| practice.chart_sharing_groups.contains(&group))
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::clock::Clock;
    use crate::project::built_in;

    #[test]
    fn a_base_names_an_organization_whose_parts_belong_together() {
        let dialect = Arc::new(built_in::dialect("athenahealth").unwrap());
        let sandbox = Arc::new(built_in::sandbox("athenahealth").unwrap());
        let platform = Platform::new(dialect, sandbox, Clock::system()).unwrap();
        let platform = platform.with_base("http://127.0.0.1:1");
        let practice = Some(195_900);
        let rows = [
            ("/fhir/r4", Some(Organization::default())),
            ("/fhir/r4/", Some(Organization::default())),
            ("/195900/fhir/r4", Some(Organization { practice, ..Default::default() })),
            (
                "/195900/department/150/fhir/r4",
                Some(Organization { practice, department: Some(150), ..Default::default() }),
            ),
            (
                "/195900/brand/2/csg/42/fhir/r4",
                Some(Organization {
                    practice,
                    brand: Some(2),
                    chart_sharing_group: Some(42),
                    ..Default::default()
                }),
            ),
            ("/80000/department/150/fhir/r4", None),
            ("/80000/brand/2/fhir/r4", None),
            ("/80000/csg/42/fhir/r4", None),
            ("/12345/fhir/r4", None),
            ("/fhir/r4/Patient", None),
            ("/fhir/dstu2", None),
            ("", None),
        ];
        for (path, expected) in rows {
            let url = format!("http://127.0.0.1:1{path}");
            assert_eq!(Organization::of_base(&platform, &url), expected, "{path}");
        }
        assert_eq!(Organization::of_base(&platform, "https://elsewhere.example/fhir/r4"), None);
    }
}
