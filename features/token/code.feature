@browser
Feature: Redeeming an authorization code
  After the sign-in the user brings a code to the app. The code is short-lived, good for one
  exchange, and only for the app and the address that it was made for.

  Background:
    Given a patient web app with a client secret
    When the patient signs in and allows access

  @req:TOKEN-CODE-SINGLE-USE
  Scenario: A code is good for one exchange
    When the app redeems the code
    Then the app gets an access token
    When the app redeems the code
    Then the request is refused with 400 "invalid_grant"

  @req:WIDG-06
  Scenario: Who goes back and answers again gets no second code
    When the patient goes back and answers again
    Then the user brings no second code

  @req:TOKEN-CODE-REPLAY-REVOKES
  Scenario: A code that is shown twice ends the tokens made from it
    When the app redeems the code
    And the app reads "Patient/{patient}"
    Then the answer is the Patient "{patient}"
    When the app redeems the code
    And the app reads "Patient/{patient}" with the token it still has
    Then the call is refused with 401 and no data

  @needs:clock @req:TOKEN-CODE-EXPIRES
  Scenario: A code is worthless after ten minutes
    When 601 seconds pass
    And the app redeems the code
    Then the request is refused with 400 "invalid_grant"

  @req:TOKEN-CODE-FROM-AUTHORIZE @req:TRES-ERR-INVALID-GRANT
  Scenario: An altered code is refused
    When the app redeems the code with the "code" "(changed)"
    Then the request is refused with 400 "invalid_grant"

  @req:TOKEN-3L-AUTHORIZE-FIRST
  Scenario: A code that no user brought is refused
    When the app redeems the code with the "code" "SplxlOBeZQQYbYS6WxSbIA"
    Then the request is refused with 400 "invalid_grant"

  @req:TOKEN-SCOPE-NOT-NEEDED-CODE
  Scenario: The scopes are those of the sign-in, without being said again
    When the app redeems the code
    Then the token is good for "{scopes}"

  @req:TOKEN-SCOPE-NOT-NEEDED-CODE
  Scenario: Scopes that are said with the code do not widen what was allowed
    When the app redeems the code with the "scope" "openid patient/Patient.read patient/Condition.read"
    Then the token is good for "{scopes}"

  @req:TOKEN-CODE-REQUIRED
  Scenario: A request without a code is incomplete
    When the app redeems the code with the "code" "(none)"
    Then the request is refused with 400 "invalid_request"

  @needs:portal @req:TOKEN-CODE-BOUND-CLIENT
  Scenario: Another app cannot redeem the code
    Given another patient web app with a client secret
    When the other app redeems the code
    Then the request is refused with 400 "invalid_grant"
    When the app redeems the code
    Then the app gets an access token

  @req:TOKEN-REDIRECT-URI-MATCH
  Scenario Outline: The redirect URI has to be the one of the sign-in, not <value>
    When the app redeems the code with the "redirect_uri" "<value>"
    Then the request is refused with 400 "invalid_grant" or "invalid_request"

    @req:TOKEN-REDIRECT-URI-REQUIRED
    Examples: None
      | value  |
      | (none) |

    Examples: Another one
      | value                      |
      | https://app.example/second |
      | {redirect uri}/            |

  @req:TSEC-EVERY-REQUEST
  Scenario: An app with a secret authenticates when it redeems
    When the app redeems the code with these changes:
      | part or parameter | value       |
      | client secret     | (none)      |
      | client_id         | {client id} |
    Then the request is refused with 401 "invalid_client"
