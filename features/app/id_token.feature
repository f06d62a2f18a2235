@app @needs:user @needs:openid
Feature: What an app makes of an ID token
  An ID token says who signed in. It is believed only if it is the issuer's, for this app, of now, and
  for this sign-in. Each of these tokens is wrong in one way, and properly signed otherwise: an app that
  believes one lets a stranger in.

  Background:
    Given the app under test

  Scenario Outline: An ID token <with> is refused
    Given a platform that errs:
      """
      {"at": {"grant_type": "authorization_code"}, "fault": <fault>}
      """
    When the user signs in to the app
    Then the app calls no API

    @req:AID-01
    Examples: its signature
      | with                        | fault |
      | that nobody signed          | {"kind": "alg_none", "token": "id_token"} |
    @req:AID-02
    Examples: its signature
      | with                        | fault |
      | with a wrong signature      | {"kind": "signature_wrong", "token": "id_token"} |
      | signed by an unknown key    | {"kind": "key_unknown", "token": "id_token"} |
    @req:AID-20
    Examples: its algorithm
      | with                        | fault |
      | said to be signed by HS256  | {"kind": "token_header_set", "token": "id_token", "member": "alg", "value": "HS256"} |
      | said to be signed by ES256  | {"kind": "token_header_set", "token": "id_token", "member": "alg", "value": "ES256"} |
    @req:AID-03
    Examples: its issuer
      | with                        | fault |
      | of another issuer           | {"kind": "claim_set", "token": "id_token", "claim": "iss", "value": "https://issuer.example"} |
      | without an issuer           | {"kind": "claim_missing", "token": "id_token", "claim": "iss"} |
    @req:AID-04
    Examples: its audience
      | with                        | fault |
      | for another app             | {"kind": "claim_set", "token": "id_token", "claim": "aud", "value": "another-app"} |
      | for a list of other apps    | {"kind": "claim_set", "token": "id_token", "claim": "aud", "value": ["another-app", "a-third-app"]} |
    @req:AID-05
    Examples: its audience
      | with                        | fault |
      | for nobody                  | {"kind": "claim_missing", "token": "id_token", "claim": "aud"} |
    @req:AID-07
    Examples: its audience
      | with                        | fault |
      | for this and a foreign app  | {"kind": "claim_set", "token": "id_token", "claim": "aud", "value": ["{client id}", "another-app"]} |
    @req:AID-08
    Examples: its authorized party
      | with                        | fault |
      | whose azp is another app    | {"kind": "claim_set", "token": "id_token", "claim": "azp", "value": "another-app"} |
    @req:AID-09
    Examples: its time
      | with                        | fault |
      | that is over                | {"kind": "token_expired", "token": "id_token"} |
      | that is over for 10 minutes | {"kind": "claim_moved", "token": "id_token", "claim": "exp", "seconds": -4200} |
    @req:AID-10
    Examples: its time
      | with                        | fault |
      | without an end              | {"kind": "claim_missing", "token": "id_token", "claim": "exp"} |
    @req:AID-11
    Examples: its time
      | with                        | fault |
      | without a beginning         | {"kind": "claim_missing", "token": "id_token", "claim": "iat"} |
    @req:AID-12
    Examples: its user
      | with                        | fault |
      | about nobody                | {"kind": "claim_missing", "token": "id_token", "claim": "sub"} |
    @req:AID-15
    Examples: its access token
      | with                        | fault |
      | of another access token     | {"kind": "claim_set", "token": "id_token", "claim": "at_hash", "value": "MTIzNDU2Nzg5MDEyMzQ1Ng"} |

  Scenario Outline: Who sent a nonce refuses an ID token <with>
    Given a platform that errs:
      """
      {"at": {"grant_type": "authorization_code"}, "fault": <fault>}
      """
    When the user signs in to the app
    And the app has sent a "nonce"
    Then the app calls no API

    @req:AID-13
    Examples:
      | with          | fault |
      | with another  | {"kind": "claim_set", "token": "id_token", "claim": "nonce", "value": "another"} |
    @req:AID-14
    Examples:
      | with          | fault |
      | without it    | {"kind": "claim_missing", "token": "id_token", "claim": "nonce"} |

  @needs:data-sign
  Scenario Outline: An ID token <with> is accepted
    Given a platform that errs:
      """
      {"at": {"grant_type": "authorization_code"}, "fault": <fault>}
      """
    When the user signs in to the app
    Then the app's work is done

    @req:AID-06
    Examples:
      | with                            | fault |
      | whose audience is a list of one | {"kind": "claim_set", "token": "id_token", "claim": "aud", "value": ["{client id}"]} |
    @req:AID-23
    Examples:
      | with                            | fault |
      | that begins in half a minute    | {"kind": "claim_moved", "token": "id_token", "claim": "iat", "seconds": 30} |

  @req:AID-16 @needs:data-sign
  Scenario: An ID token without kid is accepted where there is one key
    Given a platform that errs:
      """
      [
        {"at": {"endpoint": "keys"}, "fault": {"kind": "key_set", "serve": "only_current"}},
        {"fault": {"kind": "token_header_missing", "token": "id_token", "member": "kid"}}
      ]
      """
    When the user signs in to the app
    Then the app's work is done

  @req:AID-17 @needs:data-sign @needs:error-sign
  Scenario: An ID token without kid among several keys leads to data or to a message
    Given a platform that errs:
      """
      {"fault": {"kind": "token_header_missing", "token": "id_token", "member": "kid"}}
      """
    When the user signs in to the app
    Then the app's work is done, or its users are told or asked to sign in

  @req:AID-18 @needs:data-sign
  Scenario: The app follows when the platform changes its key
    When the user signs in to the app
    And the platform changes its signing key
    And the user signs in to the app, and again after a minute if that fails
    Then the app's work is done

  @req:AID-19
  Scenario: A key that nobody knows is not asked for again and again
    Given a platform that errs:
      """
      {"at": {"grant_type": "authorization_code"}, "fault": {"kind": "key_unknown", "token": "id_token"}}
      """
    When the user signs in to the app
    Then the app sends at most 3 key set requests

  @req:AID-21 @needs:refresh
  Scenario Outline: A refresh that brings an ID token <with> opens nothing
    Given a platform that errs:
      """
      [
        {"at": {"endpoint": "token", "grant_type": "authorization_code"}, "fault": {"kind": "member_set", "pointer": "/expires_in", "value": 1}},
        {"at": {"grant_type": "refresh_token"}, "fault": <fault>}
      ]
      """
    When the user signs in to the app
    And the app is left alone for 2 seconds
    And the app is put to work
    And the app has sent a refresh request
    Then the app calls no API with the token of its last refresh request

    Examples:
      | with              | fault |
      | of another issuer | {"kind": "claim_set", "token": "id_token", "claim": "iss", "value": "https://issuer.example"} |
      | of another user   | {"kind": "claim_set", "token": "id_token", "claim": "sub", "value": "somebody-else"} |

  @req:AID-22
  Scenario: What userinfo says of another user is not used
    Given a platform that errs:
      """
      {"at": {"endpoint": "userinfo"}, "fault": {"kind": "member_set", "pointer": "/sub", "value": "somebody-else"}}
      """
    When the user signs in to the app
    And the app has sent a userinfo request
    Then the app calls no API with the token of its last userinfo request

  @req:AID-24 @needs:data-sign
  Scenario Outline: A fhirUser that is <how> is understood
    When the user signs in to the app
    And the app has read "{user}"
    And the platform errs:
      """
      {"fault": {"kind": "claim_set", "token": "id_token", "claim": "fhirUser", "value": "<value>"}}
      """
    And the user signs in to the app
    Then the app reads "{user}"
    And the app's work is done

    Examples:
      | how      | value                        |
      | relative | {user}                       |
      | absolute | {fhir base}/{user}           |

  @req:AID-25
  Scenario: A fhirUser of another host gets no token
    Given another host
    And a platform that errs:
      """
      {"fault": {"kind": "claim_set", "token": "id_token", "claim": "fhirUser", "value": "{other host}{fhir path}/Practitioner/1"}}
      """
    When the user signs in to the app
    Then the other host gets no token

  @req:IDT-NOT-BEARER @needs:data-sign
  Scenario: The ID token is no access token
    When the user signs in to the app
    Then no API call brings an ID token
