//! The tabs of a scenario: the lent one, and those that pages opened.

use super::View;

/// The tabs of a scenario, and the one that the user works in.
#[derive(Default)]
pub(in crate::browser) struct Views {
    own: View,
    /// Oldest first.
    guests: Vec<View>,
    /// The session of the guest that the user works in; nothing if that is the lent tab.
    front: Option<String>,
    /// Sessions of the tabs that the user has left for another one, and does not look at.
    aside: Vec<String>,
    /// How many tabs were opened in this scenario.
    opened: usize,
}

impl Views {
    /// The lent tab alone.
    pub(super) fn new(own: View) -> Self {
        Self { own, ..Self::default() }
    }

    /// The lent tab alone, which has shown nothing yet.
    pub(super) fn anew(&self) -> Self {
        Self::new(View::new(&self.own.session, &self.own.target))
    }

    /// The tab that the user works in.
    pub(in crate::browser) fn front(&self) -> &View {
        let front = self.guests.iter().find(|it| Some(&it.session) == self.front.as_ref());
        front.unwrap_or(&self.own)
    }

    /// The same, to be changed.
    pub(super) fn front_mut(&mut self) -> &mut View {
        let front = self.guests.iter_mut().find(|it| Some(&it.session) == self.front.as_ref());
        front.unwrap_or(&mut self.own)
    }

    /// The lent tab.
    pub(in crate::browser) fn own(&self) -> &View {
        &self.own
    }

    /// Tabs that pages opened and that are still there, oldest first.
    pub(in crate::browser) fn guests(&self) -> &[View] {
        &self.guests
    }

    /// All tabs: the one that the user works in, the lent one, then those that came last.
    pub(in crate::browser) fn all(&self) -> impl Iterator<Item = &View> {
        let front = self.front();
        let rest = std::iter::once(&self.own).chain(self.guests.iter().rev());
        std::iter::once(front).chain(rest.filter(|it| it.session != front.session))
    }

    /// The same, without those that the user does not look at.
    pub(in crate::browser) fn in_sight(&self) -> impl Iterator<Item = &View> {
        self.all().filter(|it| !self.aside.contains(&it.session))
    }

    /// The tab of a session, while it is there.
    pub(in crate::browser) fn of(&mut self, session: &str) -> Option<&mut View> {
        let mut all = std::iter::once(&mut self.own).chain(&mut self.guests);
        all.find(|it| it.session == session)
    }

    /// Whether the tab of a session is there.
    pub(in crate::browser) fn has(&self, session: &str) -> bool {
        self.all().any(|it| it.session == session)
    }

    /// Whether a tab is one of them.
    pub(in crate::browser) fn knows(&self, target: &str) -> bool {
        self.all().any(|it| it.target == target)
    }

    /// From now on the user works in this tab.
    pub(in crate::browser) fn turn_to(&mut self, session: &str) {
        let guest = self.guests.iter().find(|it| it.session == session);
        self.front = guest.map(|it| it.session.clone());
    }

    /// The user leaves all other tabs for this one.
    pub(in crate::browser) fn leave_for(&mut self, session: &str) {
        self.aside = self.all().map(|it| it.session.clone()).filter(|it| it != session).collect();
        self.turn_to(session);
    }

    /// The user comes back to this tab, and looks at all of them again.
    pub(in crate::browser) fn come_back_to(&mut self, session: &str) {
        self.aside.clear();
        self.turn_to(session);
    }

    /// Takes in a tab that was opened; not one too many.
    pub(in crate::browser) fn take_in(&mut self, guest: View) -> bool {
        let is_welcome = self.guests.len() < MOST_AT_ONCE && self.opened < MOST;
        if is_welcome {
            self.opened += 1;
            self.guests.push(guest);
        }
        is_welcome
    }

    /// A tab is gone: the user goes back to where it was opened. Gives its session, if it was a guest.
    pub(in crate::browser) fn let_go(&mut self, target: &str) -> Option<String> {
        let at = self.guests.iter().position(|it| it.target == target)?;
        let gone = self.guests.remove(at);
        if self.front.as_ref() == Some(&gone.session) {
            let opener = self.guests.iter().find(|it| Some(&it.target) == gone.opener.as_ref());
            self.front = opener.map(|it| it.session.clone());
        }
        Some(gone.session)
    }

    /// Whether the tab that the user works in shows this page, and it is complete.
    pub(in crate::browser) fn has_loaded(&self, loader: &str) -> bool {
        let front = self.front();
        front.loaded && front.shown.contains(loader)
    }

    /// Whether a tab waits for the rest of its page.
    pub(in crate::browser) fn is_loading(&self) -> bool {
        self.all().any(|it| !it.loaded)
    }

    /// Grows with each page that comes to be shown, and each tab that is opened.
    pub(in crate::browser) fn progress(&self) -> usize {
        self.all().map(|it| it.shown.len()).sum::<usize>() + self.opened
    }
}

/// A page that opens windows for ever fills neither the memory nor the screen.
const MOST_AT_ONCE: usize = 4;
const MOST: usize = 50;

#[cfg(test)]
mod tests {
    use super::*;

    fn with_guests(count: usize) -> Views {
        let mut views = Views::new(View::new("own", "tab"));
        for number in 1..=count {
            let target = format!("tab {number}");
            let opener = if number > 1 { format!("tab {}", number - 1) } else { "tab".into() };
            views.take_in(View::opened(&format!("guest {number}"), &target, Some(&opener)));
        }
        views
    }

    #[test]
    fn who_closes_a_tab_is_back_where_it_was_opened() {
        let mut views = with_guests(2);
        assert_eq!(views.front().session, "own");
        views.turn_to("guest 2");
        assert_eq!(views.front().session, "guest 2");
        assert_eq!(views.let_go("tab 2").as_deref(), Some("guest 2"));
        assert_eq!(views.front().session, "guest 1");
        assert_eq!(views.let_go("tab 1").as_deref(), Some("guest 1"));
        assert_eq!(views.front().session, "own");
        assert_eq!(views.let_go("tab"), None, "the lent tab stays");
    }

    #[test]
    fn no_more_tabs_are_taken_in_than_anybody_needs() {
        let mut views = with_guests(MOST_AT_ONCE + 3);
        assert_eq!(views.guests().len(), MOST_AT_ONCE);
        for round in 0..2 * MOST {
            let target = views.guests()[0].target.clone();
            views.let_go(&target);
            views.take_in(View::opened("s", &format!("round {round}"), None));
            if views.guests().is_empty() {
                return;
            }
        }
        panic!("there are tabs for ever");
    }

    #[test]
    fn a_tab_that_was_left_for_another_is_out_of_sight_until_the_user_comes_back() {
        let mut views = with_guests(1);
        views.leave_for("guest 1");
        let seen =
            |views: &Views| views.in_sight().map(|it| it.session.clone()).collect::<Vec<_>>();
        assert_eq!(seen(&views), ["guest 1"]);
        assert!(views.has("own"));
        views.come_back_to("own");
        assert_eq!(seen(&views), ["own", "guest 1"]);
    }
}
