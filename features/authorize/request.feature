Feature: Sending a user to sign in
  The app sends its user's browser to the authorize endpoint and says in the address who it is,
  what it asks for and where the user shall come back to. As long as the platform cannot be sure of
  that address, it shows its own error page; afterwards every error comes back to the app.

  Background:
    Given a patient web app with a client secret

  @req:AUTHZ-CLIENT-ID-REQUIRED @req:AUTHZ-CLIENT-ID-UNKNOWN
  Scenario Outline: A request whose client id is <value> goes nowhere
    When the app sends a user to sign in with the "client_id" "<value>"
    Then the user is shown an error page and sent nowhere

    Examples:
      | value   |
      | (none)  |
      | (empty) |
      | nobody  |

  @req:AUTHZ-REDIRECT-REQUIRED
  Scenario: A request without a redirect URI goes nowhere
    When the app sends a user to sign in with the "redirect_uri" "(none)"
    Then the user is shown an error page and sent nowhere

  @req:AUTHZ-REDIRECT-EXACT @req:AUTHZ-REDIRECT-UNREGISTERED
  Scenario Outline: The redirect URI <value> is not registered, so the user goes nowhere
    When the app sends a user to sign in with the "redirect_uri" "<value>"
    Then the user is shown an error page and sent nowhere

    Examples:
      | value                        |
      | {redirect uri}/              |
      | {redirect uri}?x=1           |
      | {redirect uri}#x             |
      | https://app.example/Callback |
      | http://app.example/callback  |
      | https://app.example:444/callback |
      | https://thief.example/       |

  @req:AUTHZ-RESPONSE-TYPE-REQUIRED
  Scenario: A request without a response type comes back
    When the app sends a user to sign in with the "response_type" "(none)"
    Then the user comes back with the error "invalid_request"

  @req:AUTHZ-RESPONSE-TYPE-CODE
  Scenario Outline: The response type <value> is not offered
    When the app sends a user to sign in with the "response_type" "<value>"
    Then the user comes back with the error "unsupported_response_type"

    Examples:
      | value      |
      | token      |
      | id_token   |
      | code token |

  @req:AUTHZ-SCOPE-REQUIRED
  Scenario: A request without scopes comes back
    When the app sends a user to sign in with the "scope" "(none)"
    Then the user comes back with the error "invalid_scope" or "invalid_request"

  @req:AUTHZ-SCOPE-UNKNOWN @req:AUTHZ-SCOPE-CASE @req:SCOPE-OPENID-MINIMUM
  Scenario Outline: A request for the scopes "<scope>" comes back
    When the app sends a user to sign in with the "scope" "<scope>"
    Then the user comes back with the error "invalid_scope"

    Examples:
      | scope                         |
      | openid patient/Condition.read |
      | openid nonsense               |
      | OpenID patient/Patient.read   |
      | patient/Patient.read          |

  @req:AUTHZ-STATE-ECHO-ON-ERROR
  Scenario: The state comes back with an error, letter by letter
    When the app sends a user to sign in with these changes:
      | parameter     | value            |
      | state         | a+b c/d=e&f?g%41 |
      | response_type | token            |
    Then the user comes back with the error "unsupported_response_type"

  @req:AUTHZ-AUD-REQUIRED @req:AUTHZ-AUD-FHIR-BASE
  Scenario Outline: A request for the audience <value> comes back
    When the app sends a user to sign in with the "aud" "<value>"
    Then the user comes back with the error "invalid_request"

    Examples:
      | value                         |
      | (none)                        |
      | https://elsewhere.example/fhir |
      | nonsense                      |

  @req:AUTHZ-DUPLICATE-PARAM
  Scenario: A request that says its scopes twice comes back
    When the app sends a user to sign in with the "scope" "(twice)"
    Then the user comes back with the error "invalid_request"

  @req:AUTHZ-DUPLICATE-PARAM
  Scenario: A request with two redirect URIs goes nowhere
    When the app sends a user to sign in with the "redirect_uri" "(twice)"
    Then the user is shown an error page and sent nowhere

  @needs:portal @req:AUTHZ-2L-CLIENT-REFUSED
  Scenario: An app without users cannot send one
    Given another 2-legged app with a client secret
    When the other app sends a user to sign in
    Then the user is shown an error page and sent nowhere

  @req:AUTHZ-PROMPT-NONE
  Scenario: Who is not signed in cannot be recognised silently
    When the app sends a user to sign in with the "prompt" "none"
    Then the user comes back with the error "login_required"
