Feature: Signing out
  An app that keeps a session of its own may end the platform's session too when its user leaves. It
  sends the user to the logout endpoint with the ID token and a registered address to come back to;
  the platform ends the session only for that user, and leads to no other address.

  Background:
    Given a patient web app with a client secret

  @browser @req:LOGOUT-ENDPOINT @req:LOGOUT-FORCES-REAUTH @req:PSL-STEP5-REAUTH
  Scenario: Who signed out has to sign in again
    When the patient signs in and allows access
    And the patient signs out of the platform
    And the app sends the patient to sign in again
    Then the user was asked to sign in

  @browser @needs:portal @req:LOGOUT-PARAMS @req:LOGOUT-REDIRECT-REGISTERED @req:PSL-STEP5-REAUTH
  Scenario: The app signs its user out and gets the user back
    When the patient signs in and allows access
    And the app redeems the code
    And the app signs its user out
    Then the user comes back signed out
    When the app sends the patient to sign in again
    Then the user was asked to sign in

  @browser @needs:portal @req:LOGOUT-REDIRECT-REGISTERED
  Scenario Outline: Nobody is sent to the address <address> after signing out
    When the patient signs in and allows access
    And the app redeems the code
    And the app signs its user out with the "post_logout_redirect_uri" "<address>"
    Then the user is told "not registered"

    Examples:
      | address                         |
      | https://thief.example/          |
      | https://app.example/signed-out/ |
      | {redirect uri}                  |

  @browser @needs:portal @req:LOGOUT-BAD-HINT
  Scenario Outline: An ID token that is <value> signs nobody out
    When the patient signs in and allows access
    And the app redeems the code
    And the app signs its user out with the "id_token_hint" "<value>"
    Then the user is told "<words>"
    When the app sends the patient to sign in again
    Then the user was not asked to sign in

    Examples:
      | value     | words           |
      | (changed) | not an ID token |
      | nonsense  | not an ID token |

  @needs:portal @req:LOGOUT-WITHOUT-SESSION
  Scenario: Who is not signed in is sent back all the same
    When the app signs its user out
    Then the user comes back signed out

  @needs:portal @req:LOGOUT-REDIRECT-REGISTERED
  Scenario Outline: Whoever asks with the <parameter> <value> learns no way to send users elsewhere
    When the app signs its user out with the "<parameter>" "<value>"
    Then the user is shown an error page and sent nowhere

    Examples:
      | parameter                | value                  |
      | post_logout_redirect_uri | https://thief.example/ |
      | client_id                | nobody                 |
      | client_id                | (none)                 |
      | state                    | (twice)                |
