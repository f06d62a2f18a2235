//! How many token requests may be sent in a minute.
//!
//! Each client has a purse of coins. A token request takes one, and it comes back a whole period
//! after the answer came: so however long requests are under way, the platform never sees more of
//! them in a period than there are coins, wherever its own windows begin.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::{Instant, sleep_until};

/// The token budget of a target, apart for each client; clones share it.
#[derive(Clone, Debug)]
pub struct Budget {
    coins: NonZeroU32,
    period: Duration,
    purses: Arc<Mutex<HashMap<String, Purse>>>,
}

/// One client's coins, each as the moment from which it may be spent, earliest first.
#[derive(Clone, Debug)]
struct Purse {
    put: UnboundedSender<Instant>,
    coins: Arc<tokio::sync::Mutex<UnboundedReceiver<Instant>>>,
}

/// The leave to send one token request; dropped when its answer is there.
#[derive(Debug)]
#[must_use = "a coin that is dropped before the request is sent is spent for nothing"]
pub struct Coin {
    purse: UnboundedSender<Instant>,
    period: Duration,
}

impl Budget {
    /// So many token requests of a client in a minute.
    pub fn per_minute(coins: NonZeroU32) -> Self {
        Self::within(coins, MINUTE)
    }

    /// So many token requests of a client in a period.
    pub fn within(coins: NonZeroU32, period: Duration) -> Self {
        Self { coins, period, purses: Arc::default() }
    }

    /// The part of one of so many shards that run at the same time, counted from 1; `None` if there are
    /// more of them than coins, so that not each can have one.
    ///
    /// All parts together are the whole. A coin that comes back less often than once a period would be no
    /// part of it: nothing keeps shards from spending all of them in the same period.
    pub fn part(&self, number: u32, shards: NonZeroU32) -> Option<Self> {
        let further = u32::from(number <= self.coins.get() % shards);
        let part = NonZeroU32::new(self.coins.get() / shards).filter(|_| number <= shards.get())?;
        Some(Self::within(part.saturating_add(further), self.period))
    }

    /// How many token requests of a client may be sent in a period.
    pub fn coins(&self) -> NonZeroU32 {
        self.coins
    }

    /// Takes a coin of a client, in the order of asking; `waits` is told once if it has to wait.
    pub async fn take(&self, client: &str, waits: impl FnOnce(Duration)) -> Coin {
        let purse = self.purse(client);
        let mut coins = purse.coins.lock().await;
        // The purse itself holds the other end, so it is never closed.
        let free_at = coins.recv().await.unwrap_or_else(Instant::now);
        let coin = Coin { purse: purse.put.clone(), period: self.period };
        let wait = free_at.saturating_duration_since(Instant::now());
        if !wait.is_zero() {
            waits(wait);
            sleep_until(free_at).await;
        }
        coin
    }

    fn purse(&self, client: &str) -> Purse {
        let mut purses = self.purses.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || Purse::with(self.coins);
        purses.entry(client.to_owned()).or_insert_with(new).clone()
    }
}

impl Purse {
    fn with(coins: NonZeroU32) -> Self {
        let (put, coins_of) = unbounded_channel();
        for _ in 0..coins.get() {
            // The other end is right here.
            let _ = put.send(Instant::now());
        }
        Self { put, coins: Arc::new(tokio::sync::Mutex::new(coins_of)) }
    }
}

impl Drop for Coin {
    fn drop(&mut self) {
        // Nobody takes coins any longer if the purse is gone.
        let _ = self.purse.send(Instant::now() + self.period);
    }
}

const MINUTE: Duration = Duration::from_secs(60);

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::time::sleep;

    fn coins(count: u32) -> NonZeroU32 {
        NonZeroU32::new(count).unwrap()
    }

    /// Most of these moments that lie within less than a minute.
    fn most_in_a_minute(moments: &[Instant]) -> usize {
        let within = |from: &Instant| {
            moments.iter().filter(|it| **it >= *from && **it - *from < MINUTE).count()
        };
        moments.iter().map(within).max().unwrap_or_default()
    }

    #[tokio::test(start_paused = true)]
    async fn no_minute_sees_more_requests_than_coins_however_long_they_are_under_way() {
        let budget = Budget::per_minute(coins(3));
        let arrived = Arc::new(Mutex::new(Vec::new()));
        let begun = Instant::now();
        let asking = (0..20u64).map(|number| {
            let (budget, arrived) = (budget.clone(), Arc::clone(&arrived));
            tokio::spawn(async move {
                let _coin = budget.take("app", |_| {}).await;
                // Late on the way there, or late on the way back.
                sleep(Duration::from_secs(number * 7 % 11)).await;
                arrived.lock().unwrap().push(Instant::now());
                sleep(Duration::from_secs(number * 5 % 3)).await;
            })
        });
        futures::future::join_all(asking).await;
        let arrived = arrived.lock().unwrap().clone();
        assert_eq!((arrived.len(), most_in_a_minute(&arrived)), (20, 3));
        let took = begun.elapsed();
        assert!(took < Duration::from_secs(6 * 60 + 6 * 13), "the budget is kept busy: {took:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn who_waits_is_told_how_long_and_another_client_does_not_wait() {
        let budget = Budget::per_minute(coins(1));
        drop(budget.take("app", |_| panic!("the purse is full")).await);
        sleep(Duration::from_secs(20)).await;
        let mut told = None;
        drop(budget.take("app", |wait| told = Some(wait)).await);
        assert_eq!(told, Some(Duration::from_secs(40)));
        drop(budget.take("other", |_| panic!("its purse is full")).await);
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_that_is_given_up_while_it_waits_costs_no_coin_for_ever() {
        let budget = Budget::per_minute(coins(1));
        drop(budget.take("app", |_| {}).await);
        let waiting = tokio::time::timeout(Duration::from_secs(1), budget.take("app", |_| {}));
        assert!(waiting.await.is_err());
        let begun = Instant::now();
        drop(budget.take("app", |_| {}).await);
        assert_eq!(begun.elapsed(), MINUTE);
    }

    #[test]
    fn shards_together_have_no_more_than_the_whole() {
        let parts = |shards: u32| -> Option<Vec<u32>> {
            let part = |number| Budget::per_minute(coins(5)).part(number, coins(shards));
            (1..=shards).map(|number| Some(part(number)?.coins.get())).collect()
        };
        assert_eq!(parts(1), Some(vec![5]));
        assert_eq!(parts(2), Some(vec![3, 2]));
        assert_eq!(parts(3), Some(vec![2, 2, 1]));
        assert_eq!(parts(5), Some(vec![1; 5]));
        assert_eq!(parts(6), None, "not each can have one");
    }
}
