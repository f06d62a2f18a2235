@browser
Feature: Refresh tokens that lie for days
  A user who comes back after a holiday need not sign in again: the refresh token is good for 90 days
  after its last use. On the mock the days pass at once. On another platform a refresh token is put into
  an encrypted bank, and taken out by a run of a later day; until then these scenarios are left out.

  Background:
    Given a patient web app with a client secret

  @req:REFRESH-LIFETIME-90D
  Scenario Outline: A refresh token that nobody used for <days> days gets new tokens
    Given a refresh token of the patient that nobody used for <days> days
    When the app refreshes its tokens
    Then the app gets an access token

    Examples:
      | days |
      | 1    |
      | 7    |
      | 30   |
      | 89   |

  @req:REFRESH-LIFETIME-90D
  Scenario: A refresh token that nobody used for 91 days has ended
    Given a refresh token of the patient that nobody used for 91 days
    When the app refreshes its tokens
    Then the request is refused with 400 "invalid_grant"
