@app
Feature: How an app lives with tokens that end
  A token is good for an hour, a minute, whatever its answer says. A good app uses it until then and no
  longer, and gets the next one without anybody noticing. Here tokens live for two seconds, and the app
  is watched by the clock on the wall, because its own clock is its own.

  Background:
    Given the app under test

  @req:AREF-11 @req:CLI-NO-NEEDLESS-REAUTH @needs:requests
  Scenario: A backend uses its token again
    When the app is put to work 4 times
    Then the app sends 1 token request in all

  @req:AREF-11 @req:CLI-NO-NEEDLESS-REAUTH @needs:user @needs:data-sign
  Scenario: An app with users uses their token again
    When the app is put to work 4 times
    Then the app's work is done
    And the app sends 1 token request in all

  @req:AREF-12
  Scenario Outline: The app asks for five tokens in a minute at most, though <what>
    Given a platform that errs:
      """
      {"at": <at>, "fault": <fault>}
      """
    When the app is put to work 3 times
    Then the app sends at most 5 token requests in all

    Examples:
      | what                      | at | fault |
      | tokens are refused        | {"endpoint": "token"} | {"kind": "status", "status": 400, "error": "invalid_grant"} |
      | the platform is down      | {"endpoint": "token"} | {"kind": "status", "status": 503} |

    @needs:backend
    Examples:
      | what                      | at | fault |
      | its calls are refused     | {"endpoint": "fhir"} | {"kind": "status", "status": 401} |

  @req:AREF-12 @needs:user
  Scenario: Who sees no data has cost five token requests at most
    Given a platform that errs:
      """
      {"at": {"endpoint": "fhir"}, "fault": {"kind": "status", "status": 401}}
      """
    When the app is put to work
    Then the app sends at most 5 token requests in all

  @req:AREF-04 @req:CLI-STORE-EXPIRY @needs:refresh @needs:data-sign
  Scenario: A token that is over is refreshed before it is used
    Given the platform's setting "lifetimes.access_token" is "2"
    When the user signs in to the app
    And the app is left alone for 3 seconds
    And the app is put to work
    Then the app's work is done
    And no API call is refused with 401

  @req:AREF-04 @req:CLI-STORE-EXPIRY @needs:requests
  Scenario: A backend's token that is over is not used
    Given the platform's setting "lifetimes.system_access_token" is "2"
    When the app is put to work
    And the app is left alone for 3 seconds
    And the app is put to work
    Then the app's work is done
    And no API call is refused with 401

  @req:CLI-RENEW-ON-EXPIRY @needs:requests
  Scenario: A backend asks for one token when the old one is over
    Given the platform's setting "lifetimes.system_access_token" is "2"
    When the app is put to work
    And the app is left alone for 3 seconds
    And the app is put to work
    Then the app sends 1 token request
    And the app's work is done

  @req:AREF-01 @needs:refresh @needs:data-sign
  Scenario: A refresh is asked for as the standard says
    Given the platform's setting "lifetimes.access_token" is "2"
    When the user signs in to the app
    And the app is left alone for 3 seconds
    And the app is put to work
    And the app has sent a refresh request
    Then each refresh request has the "grant_type" "refresh_token"
    And each refresh request is granted

  @req:AREF-02 @needs:refresh @needs:data-sign
  Scenario: A refresh asks for nothing new
    Given the platform's setting "lifetimes.access_token" is "2"
    When the user signs in to the app
    And the app is left alone for 3 seconds
    And the app is put to work
    And the app has sent a refresh request
    Then each refresh request asks for what was granted, at most

  @req:REFRESH-SCOPE-REQUIRED @needs:refresh @needs:data-sign
  Scenario: A refresh names its scopes
    Given the platform's setting "lifetimes.access_token" is "2"
    When the user signs in to the app
    And the app is left alone for 3 seconds
    And the app is put to work
    And the app has sent a refresh request
    Then each refresh request has the "scope" "(any)"

  @req:AREF-03 @needs:user @needs:data-sign
  Scenario: Who refreshes has asked for it
    Given the platform's setting "lifetimes.access_token" is "2"
    And the platform's setting "token.refresh_token_always" is "true"
    When the user signs in to the app
    And the app is left alone for 3 seconds
    And the app is put to work
    And the app has sent a refresh request
    Then the scopes of each authorization request have one of "offline_access" and "online_access"

  @req:AREF-05 @needs:refresh @needs:data-sign
  Scenario: A new refresh token takes the place of the old one
    Given the platform's setting "lifetimes.access_token" is "2"
    And the platform's setting "token.rotate_public_refresh_tokens" is "true"
    And the platform's setting "token.rotate_confidential_refresh_tokens" is "true"
    When the user signs in to the app
    And the app is left alone for 3 seconds
    And the app is put to work
    And the app has sent a refresh request
    And the app is left alone for 3 seconds
    And the app is put to work
    Then each refresh request is granted
    And the app's work is done

  @req:AREF-06 @needs:refresh @needs:data-sign
  Scenario: The old refresh token stays where no new one comes
    Given the platform's setting "lifetimes.access_token" is "2"
    And the platform's setting "token.rotate_public_refresh_tokens" is "false"
    And the platform's setting "token.rotate_confidential_refresh_tokens" is "false"
    And a platform that errs:
      """
      {"at": {"endpoint": "token", "grant_type": "refresh_token", "answer_status": 200}, "fault": {"kind": "member_missing", "pointer": "/refresh_token"}}
      """
    When the user signs in to the app
    And the app is left alone for 3 seconds
    And the app is put to work
    And the app has sent a refresh request
    And the app is left alone for 3 seconds
    And the app is put to work
    Then the app sends at least 2 refresh requests in all
    And the app's work is done

  @req:AREF-07 @needs:refresh @needs:data-sign
  Scenario: A refresh that is refused is not asked for again and again
    Given the platform's setting "lifetimes.access_token" is "2"
    And a platform that errs:
      """
      {"at": {"endpoint": "token", "grant_type": "refresh_token"}, "fault": {"kind": "status", "status": 400, "error": "invalid_grant"}}
      """
    When the user signs in to the app
    And the app is left alone for 3 seconds
    And the app is put to work
    And the app has sent a refresh request
    Then the app sends at most 2 refresh requests

  @req:AREF-08 @needs:requests
  Scenario: Those who need a token at the same time share it
    When the app is put to work 5 times at once
    Then the app sends 1 token request

  @req:AREF-09 @needs:refresh @needs:data-sign
  Scenario: A refresh whose answer got lost does not end the app's work for ever
    Given the platform's setting "lifetimes.access_token" is "2"
    And a platform that errs:
      """
      {"at": {"endpoint": "token", "grant_type": "refresh_token"}, "fault": {"kind": "drop", "processed": true}, "times": 1}
      """
    When the user signs in to the app
    And the app is left alone for 3 seconds
    And the app is put to work
    And the app has sent a refresh request
    And the app is put to work
    Then the app's work is done, or its users are told or asked to sign in

  @req:AREF-10 @needs:refresh @needs:data-sign
  Scenario: After three months without use the user signs in again
    Given the platform's setting "lifetimes.access_token" is "2"
    When the user signs in to the app
    And 91 days pass
    And the app is left alone for 3 seconds
    And the app is put to work
    Then the app's work is done, or its users are told or asked to sign in
    And the app sends at most 2 refresh requests

  @req:ATR-04 @needs:requests
  Scenario: A lifetime that is a text ends too
    Given the platform's setting "lifetimes.system_access_token" is "2"
    And the platform's setting "token.expires_in_as_string" is "true"
    When the app is put to work
    And the app is left alone for 3 seconds
    And the app is put to work
    Then the app's work is done
    And no API call is refused with 401
