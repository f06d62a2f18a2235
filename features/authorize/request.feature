Feature: Sending a user to sign in
  The app sends its user's browser to the authorize endpoint and says in the address who it is,
  what it asks for and where the user shall come back to. As long as the platform cannot be sure of
  that address, it shows its own error page; afterwards every error comes back to the app.

  Background:
    Given a patient web app with a client secret

  @smoke @req:AUTHZ-GET-PATH @req:PSL-STEP1-REDIRECT-WIDGET @req:AUTHZ-PREREQUISITE @req:AUTHZ-TEMPORARY-REDIRECT @req:AUTH-02
  Scenario: A whole request leads to the sign-in, and to no code before it
    When the app sends a sign-in request by GET
    Then the user is led to the sign-in

  @req:AUTHZ-GET-PATH
  Scenario Outline: There is nothing at "<path>"
    When the app calls "<path>" without a token
    Then the call is refused with 404 and no data

    Examples:
      | path                  |
      | /oauth2/authorize     |
      | /oauth2/v1/authorise  |
      | /oauth2/v1/authorize/ |

  @req:AUTHZ-POST-ADVERTISED @req:AUTH-03
  Scenario: A request may be a form instead of an address
    When the app sends a sign-in request by POST
    Then the user is led to the sign-in

  @req:AUTHZ-POST-ADVERTISED
  Scenario: A request that is JSON goes nowhere
    When the app sends a sign-in request by JSON
    Then the user is shown an error page and sent nowhere

  @needs:portal @req:AUTHZ-CLIENT-ID-ENVIRONMENT
  Scenario: An app of Production is nobody in Preview
    When the developer registers a patient web app with a client secret and the "environment" "production"
    Then the app is registered
    When the app sends a sign-in request by GET
    Then the user is shown an error page and sent nowhere

  Scenario Outline: A request whose client id is <value> goes nowhere
    When the app sends a user to sign in with the "client_id" "<value>"
    Then the user is shown an error page and sent nowhere

    @req:AUTHZ-CLIENT-ID-REQUIRED
    Examples: Not said
      | value   |
      | (none)  |
      | (empty) |

    @req:AUTHZ-CLIENT-ID-UNKNOWN
    Examples: Nobody's
      | value  |
      | nobody |

  @req:AUTHZ-REDIRECT-REQUIRED
  Scenario: A request without a redirect URI goes nowhere
    When the app sends a user to sign in with the "redirect_uri" "(none)"
    Then the user is shown an error page and sent nowhere

  @req:AUTHZ-REDIRECT-EXACT @req:AUTHZ-REDIRECT-UNREGISTERED @req:ONB-REDIRECT-URLS-FIELD
  Scenario Outline: The redirect URI <value> is not registered, so the user goes nowhere
    When the app sends a user to sign in with the "redirect_uri" "<value>"
    Then the user is shown an error page and sent nowhere

    Examples:
      | value                        |
      | {redirect uri}/              |
      | {redirect uri}?x=1           |
      | https://app.example/Callback |
      | http://app.example/callback  |
      | https://app.example:444/callback |
      | https://thief.example/       |

    @req:AUTH-07
    Examples:
      | value            |
      | {redirect uri}#x |

  @req:AUTHZ-RESPONSE-TYPE-REQUIRED
  Scenario: A request without a response type comes back
    When the app sends a user to sign in with the "response_type" "(none)"
    Then the user comes back with the error "invalid_request"

  @req:AUTHZ-RESPONSE-TYPE-CODE @req:AUTHZ-ERROR-CODES
  Scenario Outline: The response type <value> is not offered
    When the app sends a user to sign in with the "response_type" "<value>"
    Then the user comes back with the error "unsupported_response_type" or "unauthorized_client"

    Examples:
      | value      |
      | token      |
      | id_token   |
      | code token |

  @req:AUTHZ-SCOPE-REQUIRED
  Scenario: A request without scopes comes back
    When the app sends a user to sign in with the "scope" "(none)"
    Then the user comes back with the error "invalid_scope" or "invalid_request"

  Scenario Outline: A request for the scopes "<scope>" comes back
    When the app sends a user to sign in with the "scope" "<scope>"
    Then the user comes back with the error "invalid_scope"

    @req:AUTHZ-SCOPE-UNKNOWN
    Examples: Not approved, or unknown
      | scope                         |
      | openid patient/Condition.read |
      | openid nonsense               |

    @req:AUTHZ-SCOPE-UNKNOWN @req:AUTHZ-SCOPE-CASE
    Examples: Another case
      | scope                       |
      | OpenID patient/Patient.read |

    @req:SCOPE-OPENID-MINIMUM
    Examples: Without a login
      | scope                |
      | patient/Patient.read |

  @browser @req:AUTH-13 @req:CTX-12
  Scenario: A scope that nobody approved is refused or left out
    When the app sends a user to sign in with the "scope" "openid launch/patient patient/Patient.read nonsense"
    And the app redeems the code, if there is one
    Then no scope is granted that was not approved

  @req:AUTHZ-STATE-REQUIRED
  Scenario: A request without a state comes back
    When the app sends a user to sign in with the "state" "(none)"
    Then the user comes back with the error "invalid_request"

  @needs:settings @req:AUTHZ-NONCE-REQUIRED
  Scenario Outline: Where the platform enforces the nonce, a request with the nonce <value> comes back
    Given the platform's setting "authorize.required" is '["response_type", "scope", "state", "aud", "nonce"]'
    When the app sends a user to sign in with the "nonce" "<value>"
    Then the user comes back with the error "invalid_request"

    Examples:
      | value   |
      | (none)  |
      | (empty) |

  @needs:settings @req:AUTHZ-NONCE-REQUIRED
  Scenario: Where the platform enforces the nonce, a request with one leads to the sign-in
    Given the platform's setting "authorize.required" is '["response_type", "scope", "state", "aud", "nonce"]'
    When the app sends a sign-in request by GET
    Then the user is led to the sign-in

  @req:AUTHZ-STATE-ECHO-ON-ERROR
  Scenario: The state comes back with an error, letter by letter
    When the app sends a user to sign in with these changes:
      | parameter     | value            |
      | state         | a+b c/d=e&f?g%41 |
      | response_type | token            |
    Then the user comes back with the error "unsupported_response_type" or "unauthorized_client"

  Scenario Outline: A request for the audience <value> comes back
    When the app sends a user to sign in with the "aud" "<value>"
    Then the user comes back with the error "invalid_request"

    @req:AUTHZ-AUD-REQUIRED
    Examples: Not said
      | value  |
      | (none) |

    @req:AUTHZ-AUD-FHIR-BASE @req:AUTH-14
    Examples: No FHIR base of the platform
      | value                          |
      | https://elsewhere.example/fhir |
      | nonsense                       |

  @req:AUTHZ-AUD-GLOBAL @req:AUTHZ-AUD-FHIR-BASE
  Scenario Outline: The audience may be the whole platform, as <aud>
    Given the app is going to send a sign-in request with these changes:
      | parameter | value |
      | aud       | <aud> |
    When the app sends a sign-in request by GET
    Then the user is led to the sign-in

    Examples:
      | aud          |
      | {fhir base}  |
      | {fhir base}/ |

  @needs:portal
  Scenario Outline: The audience may be <what>
    Given the app is going to send a sign-in request with these changes:
      | parameter | value               |
      | aud       | {host}<aud>/fhir/r4 |
    When the app sends a sign-in request by GET
    Then the user is led to the sign-in

    @req:AUTHZ-AUD-PRACTICE
    Examples:
      | what       | aud     |
      | a practice | /195900 |

    @req:AUTHZ-AUD-DEPARTMENT
    Examples:
      | what         | aud                    |
      | a department | /195900/department/150 |

    @req:AUTHZ-AUD-BRAND
    Examples:
      | what    | aud             |
      | a brand | /195900/brand/2 |

    @req:AUTHZ-AUD-CSG
    Examples:
      | what                             | aud                    |
      | a chart sharing group            | /195900/csg/42         |
      | a chart sharing group of a brand | /195900/brand/2/csg/42 |

  @needs:portal
  Scenario Outline: The audience cannot be <what>
    When the app sends a user to sign in with the "aud" "{host}<aud>/fhir/r4"
    Then the user comes back with the error "invalid_request"

    @req:AUTHZ-AUD-PRACTICE
    Examples:
      | what                            | aud    |
      | a practice that does not exist  | /12345 |

    @req:AUTHZ-AUD-DEPARTMENT
    Examples:
      | what                             | aud                   |
      | a department of another practice | /80000/department/150 |

    @req:AUTHZ-AUD-BRAND
    Examples:
      | what                        | aud            |
      | a brand of another practice | /80000/brand/2 |

    @req:AUTHZ-AUD-CSG
    Examples:
      | what                                          | aud                    |
      | a chart sharing group of another practice     | /80000/csg/42          |
      | a brand with another practice's sharing group | /80000/brand/1/csg/42  |

  @req:AUTHZ-DUPLICATE-PARAM
  Scenario: A request that says its scopes twice comes back
    When the app sends a user to sign in with the "scope" "(twice)"
    Then the user comes back with the error "invalid_request" or "invalid_scope"

  @req:AUTHZ-DUPLICATE-PARAM
  Scenario: A request with two redirect URIs goes nowhere
    When the app sends a user to sign in with the "redirect_uri" "(twice)"
    Then the user is shown an error page and sent nowhere

  @needs:portal @req:AUTHZ-2L-CLIENT-REFUSED @req:AUTHZ-3L-ONLY
  Scenario: An app without users cannot send one
    Given a 2-legged app with a client secret
    When the app sends a user to sign in
    Then the user is shown an error page and sent nowhere

  @req:AUTHZ-PROMPT-NONE
  Scenario: Who is not signed in cannot be recognised silently
    When the app sends a user to sign in with the "prompt" "none"
    Then the user comes back with the error "login_required" or "interaction_required"

  @req:WID-NOT-FRAMED-BY-STRANGERS
  Scenario: No other site can show the sign-in in a frame
    When the app sends a sign-in request by GET
    And the user follows the platform's answer
    Then other sites cannot show the page in a frame

  @req:AUTHZ-STATE-LONG
  Scenario: A long state comes back whole
    When the app sends a user to sign in with these changes:
      | parameter     | value |
      | response_type | token |
      | state         | abcdefghij0123456789abcdefghij0123456789abcdefghij0123456789abcdefghij0123456789abcdefghij0123456789abcdefghij0123456789abcdefghij0123456789abcdefghij0123456789abcdefghij0123456789abcdefghij0123456789abcdefghij0123456789abcdefghij0123456789abcdefghij0123456789abcdefghij0123456789abcdefghij0123456789abcdefghij0123456789abcdefghij0123456789abcdefghij0123456789abcdefghij0123456789abcdefghij0123456789 |
    Then the user comes back with the error "unsupported_response_type" or "unauthorized_client" or "invalid_request"

  @req:AUTHZ-CODE-NOT-LEAKED
  Scenario: No cache and no other site learns how the user came back
    When the app sends a user to sign in with the "response_type" "token"
    Then the user comes back with the error "unsupported_response_type" or "unauthorized_client" or "invalid_request"
    And the way back is kept from caches and other sites

  @req:AUTHZ-LOGIN-HINT
  Scenario: The app may say whom it expects
    Given the app is going to send a sign-in request with these changes:
      | parameter  | value                |
      | login_hint | somebody@example.com |
    When the app sends a sign-in request by GET
    Then the user is led to the sign-in
