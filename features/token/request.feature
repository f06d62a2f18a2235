Feature: Asking for a token
  Whatever way an app has to prove who it is, a request to the token endpoint is a form, sent by POST,
  that names each thing once.

  Background:
    Given a 2-legged app

  @req:TOKEN-GRANT-TYPE-REQUIRED @req:TRES-ERR-INVALID-REQUEST
  Scenario Outline: A request whose grant type is <value> is incomplete
    When the app asks for a token with the "grant_type" "<value>"
    Then the request is refused with 400 "invalid_request"

    Examples:
      | value   |
      | (none)  |
      | (empty) |

  @req:TOKEN-ERROR-BODY @req:TOKEN-ERROR-NO-LEAK @req:TOKEN-ERROR-STATUS @req:TOKEN-ERROR-NO-STORE
  @req:TOK-06
  Scenario: A refusal is an object that says what is wrong, and gives nothing away
    When the app asks for a token with the "grant_type" "(changed)"
    Then the request is refused with 400 "unsupported_grant_type"

  @req:TOKEN-GRANT-UNSUPPORTED @req:TRES-ERR-UNSUPPORTED-GRANT
  Scenario Outline: The grant type <value> is not offered
    When the app asks for a token with the "grant_type" "<value>"
    Then the request is refused with 400 "unsupported_grant_type"

    Examples:
      | value               |
      | urn:example:no-such |

    # A platform may have these for other apps.
    @needs:portal
    Examples: Grants that are not part of SMART
      | value    |
      | password |
      | implicit |

  @req:TOKEN-SCOPE-REQUIRED-CC @req:SCOPE-EMPTY
  Scenario Outline: A request whose scope is <value> is refused
    When the app asks for a token with the "scope" "<value>"
    Then the request is refused with 400 "invalid_scope" or "invalid_request" or "access_denied"

    Examples:
      | value   |
      | (none)  |
      | (empty) |

  @req:TOKEN-DUPLICATE-PARAM
  Scenario Outline: A request that says <parameter> twice is refused
    When the app asks for a token with the "<parameter>" "(twice)"
    Then the request is refused with 400 "invalid_request" or "invalid_scope"

    Examples:
      | parameter  |
      | grant_type |
      | scope      |

  @req:TOKEN-UNKNOWN-PARAM
  Scenario: A parameter that nobody knows changes nothing
    When the app asks for a token with the "foo" "bar"
    Then the app gets an access token

  @req:TOKEN-POST-ONLY
  Scenario: A token is not to be had by GET
    When the app asks for a token with the "http method" "GET"
    Then the platform refuses and gives no token

  @req:TOKEN-FORM-ENCODED
  Scenario: A token is not to be had with a JSON body
    When the app asks for a token with the "content type" "application/json"
    Then the platform refuses and gives no token

  @req:TRES-2L-ONLY-ACCESS @req:TRES-CC-NO-REFRESH
  Scenario: Without a user there is an access token and nothing else
    When the app asks for a token
    Then the app gets an access token
    And the answer has no "refresh_token"
    And the answer has no "id_token"
    And there is no launch context

  @req:JWT-35
  Scenario: A scope that was not approved is refused or left out
    When the app asks for a token for "system/Practitioner.read nonsense"
    Then no scope is granted that was not approved

  @req:SCOPE-ORDER-IRRELEVANT @req:TRES-SCOPE-MEMBER-2L
  Scenario: The order of the scopes does not matter
    When the app asks for a token for "{scopes backwards}"
    Then the token is good for "{scopes}"

  @req:TOK-09
  Scenario Outline: <scope> lets the app read
    Given a 2-legged app with an imported key set and the scopes "<scope>"
    When the app asks for a token
    And the app reads "Patient/{chart}"
    Then the answer is the Patient "{chart}"

    Examples:
      | scope                             |
      | system/Patient.read               |
      | system/Patient.rs                 |
      | system/Patient.s system/Patient.r |
