Feature: Tokens for a signed assertion, with an imported key set
  The app signs a short JWT with its private key; the platform knows the public keys because the
  developer imported them. Nothing secret travels, and keys can be changed without a pause.

  Background:
    Given a 2-legged app with an imported key set

  @smoke @req:JWKS-KEYPAIR-AUTH @req:TRES-ACCESS-TOKEN-JWT
  Scenario: A good assertion gets an access token
    When the app asks for a token
    Then the app gets an access token
    And the access token is a JWT
    And the answer looks like the accepted "token answer"

  @req:JWKS-SMART-ALGS
  Scenario Outline: Assertions may be signed with <algorithm>
    Given a 2-legged app with an imported key set of 1 <algorithm> key
    When the app asks for a token
    Then the app gets an access token

    @req:JWT-01
    Examples: The algorithms of SMART
      | algorithm |
      | RS384     |
      | ES384     |

    Examples: Others
      | algorithm |
      | RS256     |
      | ES256     |

  @req:JWKS-VERIFY-ANY-KEY
  Scenario: Any key of the set may sign
    Given a 2-legged app with an imported key set of 3 RS384 keys
    When the app signs with its second key
    And the app asks for a token
    Then the app gets an access token

  Scenario Outline: An assertion whose <member> is <value> is refused
    Given the app knows the platform's endpoints
    When the app asks for a token with an assertion whose <member> is "<value>"
    Then the request is refused with 401 "invalid_client"

    @req:JWKS-AUD-REQUIRED @req:JWKS-ERROR-INVALID-CLIENT
    Examples: No audience
      | member | value  |
      | aud    | (none) |

    @req:JWKS-AUD-BACKEND-URL @req:JWKS-ERROR-INVALID-CLIENT
    Examples: Another audience
      | member | value                    |
      | aud    | {fhir base}              |
      | aud    | https://elsewhere.example |

    @req:JWKS-AUD-EXACT @req:JWKS-ERROR-INVALID-CLIENT
    Examples: Almost the audience
      | member | value             |
      | aud    | {token endpoint}/ |

    @req:JWKS-TYP-OTHER
    Examples: The type of another token
      | member | value  |
      | typ    | at+jwt |

    @req:JWKS-AUD-ENVIRONMENT @req:JWKS-ERROR-INVALID-CLIENT
    Examples: The audience of Production
      | member | value                             |
      | aud    | {host}/production/oauth2/v1/token |

    @req:JWKS-EXP-REQUIRED @req:JWKS-ERROR-INVALID-CLIENT
    Examples: No end
      | member | value  |
      | exp    | (none) |

    @req:JWKS-EXP-MAX-1H
    Examples: An end too far ahead
      | member | value           |
      | exp    | in 3700 seconds |

    @req:JWKS-EXP-PAST @req:JWKS-ERROR-INVALID-CLIENT
    Examples: An end that has passed
      | member | value          |
      | exp    | 60 seconds ago |

    @req:JWKS-ISS-CLIENT-ID @req:JWKS-ERROR-INVALID-CLIENT
    Examples: Another issuer, or none
      | member | value       |
      | iss    | (none)      |
      | iss    | another-app |

    @req:JWKS-SUB-CLIENT-ID @req:JWKS-ERROR-INVALID-CLIENT
    Examples: Another subject, or none
      | member | value       |
      | sub    | (none)      |
      | sub    | another-app |

    @req:JWKS-NBF-IAT @req:JWKS-ERROR-INVALID-CLIENT
    Examples: Not valid yet
      | member | value          |
      | nbf    | in 600 seconds |

    @req:JWKS-KID-MISSING
    Examples: No key named
      | member | value  |
      | kid    | (none) |

    @req:JWKS-KID-WRONG-KEY @req:JWKS-ERROR-INVALID-CLIENT
    Examples: An unknown key named
      | member | value   |
      | kid    | unknown |

    @req:JWKS-ALG-AS-CONFIGURED
    Examples: Another algorithm than the key's
      | member | value |
      | alg    | RS256 |

  @req:JWKS-AUD-ARRAY
  Scenario: The audience may be one of several
    Given the app knows the platform's endpoints
    When the app asks for a token with an assertion whose aud is '["https://elsewhere.example", "{token endpoint}"]'
    Then the app gets an access token

  @req:JWKS-AUD-ARRAY
  Scenario: The audience has to be one of several
    When the app asks for a token with an assertion whose aud is '["https://elsewhere.example"]'
    Then the request is refused with 401 "invalid_client"

  @req:JWKS-ISS-EQUALS-SUB
  Scenario Outline: An app cannot speak for another one as <member>
    Given another 2-legged app with an imported key set
    When the app asks for a token with an assertion whose <member> is "{other client id}"
    Then the request is refused with 401 "invalid_client"

    Examples:
      | member |
      | iss    |
      | sub    |

  @req:JWKS-ALG-HMAC-CONFUSION
  Scenario Outline: A public key is no shared secret, not as <form> either
    Given a 2-legged app with an imported key set of 1 <algorithm> key
    When the app asks for a token with an assertion whose secret is its public key as <form>
    Then the request is refused with 401 "invalid_client"

    Examples:
      | algorithm | form |
      | RS256     | JWK  |
      | RS256     | PEM  |
      | ES384     | PEM  |

  @req:JWKS-CLIENT-ID-PARAM
  Scenario: A client id beside the assertion is the same
    When the app asks for a token with the "client_id" "{client id}"
    Then the app gets an access token

  @req:JWKS-CLIENT-ID-PARAM
  Scenario: A client id beside the assertion cannot be another one
    Given another 2-legged app with an imported key set
    When the app asks for a token with the "client_id" "{other client id}"
    Then the request is refused with 400 "invalid_request" or "invalid_client"

  @req:JWKS-CRIT-HEADER
  Scenario: An extension that has to be understood, and is not, is refused
    When the app asks for a token with an assertion whose crit is '["unknown"]'
    Then the request is refused with 401 "invalid_client"

  @req:JWKS-EXP-MAX-1H @needs:clock
  Scenario: Just less than an hour is allowed
    When the app asks for a token with an assertion whose exp is "in 3599 seconds"
    Then the app gets an access token

  @req:JWKS-EXP-BOUNDARY @needs:clock @needs:settings
  Scenario Outline: An hour is no less than an hour, to the second: <seconds>
    Given the platform's setting "client_assertion.max_lifetime_tolerance" is "0"
    When the app asks for a token with an assertion whose exp is "in 3599 seconds"
    Then the app gets an access token
    When the app asks for a token with an assertion whose exp is "in <seconds> seconds"
    Then the request is refused with 401 "invalid_client"

    Examples:
      | seconds |
      | 3600    |
      | 3601    |

  @req:JWKS-NBF-IAT @needs:settings
  Scenario: Clocks may differ by some seconds
    Given the platform's setting "client_assertion.leeway" is "10"
    When the app asks for a token with an assertion whose nbf is "in 8 seconds"
    Then the app gets an access token

  Scenario Outline: The type of the assertion has to be named, not <value>
    When the app asks for a token with the "client_assertion_type" "<value>"
    Then the request is refused with 401 "invalid_client" or "invalid_request"

    @req:JWKS-ASSERTION-TYPE @req:JWT-04
    Examples: Another type
      | value                      |
      | urn:example:something-else |

    @req:JWKS-ASSERTION-TYPE @req:JWT-05
    Examples: No type
      | value  |
      | (none) |

  @req:JWKS-KEYPAIR-AUTH @req:JWT-06
  Scenario Outline: What is no assertion is refused: <value>
    When the app asks for a token with the "client_assertion" "<value>"
    Then the request is refused with 401 "invalid_client" or "invalid_request"

    Examples:
      | value       |
      | (none)      |
      | (empty)     |
      | not-a.token |

  @req:JWKS-EXTRA-CLAIMS
  Scenario: A claim that nobody knows changes nothing
    When the app asks for a token with an assertion whose favourite_colour is "blue"
    Then the app gets an access token

  @req:JWKS-JTI
  Scenario: An assertion without a number is allowed
    When the app asks for a token with an assertion whose jti is "(none)"
    Then the app gets an access token

  @req:JWKS-JTI-REQUIRED-STRICT @needs:settings
  Scenario: A platform that follows SMART by the letter wants a number
    Given the platform's setting "client_assertion.jti_required" is "true"
    When the app asks for a token with an assertion whose jti is "(none)"
    Then the request is refused with 401 "invalid_client"
    When the app asks for a token
    Then the app gets an access token

  @req:JWKS-JTI @req:JWT-28
  Scenario: An assertion is good for one use
    When the app asks for two tokens with the same assertion
    Then the request is refused with 401 "invalid_client"

  @req:JWKS-ALG-NONE
  Scenario: An unsigned assertion is refused
    When the app asks for a token with an assertion that is unsigned
    Then the request is refused with 401 "invalid_client"

  @req:JWKS-TAMPERED-PAYLOAD
  Scenario: An assertion that was changed after it was signed is refused
    When the app asks for a token with an assertion that was changed after it was signed
    Then the request is refused with 401 "invalid_client"

  @req:JWKS-KEYPAIR-AUTH @req:JWT-08
  Scenario: An assertion signed by a foreign key is refused
    When the app asks for a token with an assertion signed by a foreign key
    Then the request is refused with 401 "invalid_client"

  @req:JWKS-KEYPAIR-AUTH @req:JWKS-HEADER-KEY-UNUSED
  Scenario: An assertion cannot bring the key that proves it
    When the app asks for a token with an assertion that brings its own key
    Then the request is refused with 401 "invalid_client"

  @needs:portal @req:JWKS-IMPORT-USE-ENC
  Scenario: A key for encryption proves nobody
    When the developer imports a key whose use is "enc"
    And the app asks for a token
    Then the request is refused with 401 "invalid_client"
    When the developer imports a key whose use is "(none)"
    And the app asks for a token
    Then the app gets an access token

  @req:JWKS-KID-WRONG-KEY
  Scenario: The key that is named has to be the one that signed
    Given a 2-legged app with an imported key set of 2 RS384 keys
    When the app asks for a token with an assertion that names its first key but is signed by its second
    Then the request is refused with 401 "invalid_client"

  @req:JWKS-ROTATION-ADD
  Scenario: A new key is added while the old one still works
    When the app adds a second key to its key set
    And the app asks for a token
    Then the app gets an access token
    When the app signs with its second key
    And the app asks for a token
    Then the app gets an access token

  @req:JWKS-ROTATION-DELETE
  Scenario: A key that was taken out stops working
    When the app adds a second key to its key set
    And the app takes its first key out of its key set
    And the app asks for a token
    Then the request is refused with 401 "invalid_client"
    When the app signs with its second key
    And the app asks for a token
    Then the app gets an access token

  @req:JWKS-NO-SECRET @req:TOKEN-METHOD-AS-REGISTERED
  Scenario: An app that signs cannot use the secret of another app
    Given another 2-legged app with a client secret
    When the app asks for a token with these changes:
      | part or parameter     | value                 |
      | client_assertion      | (none)                |
      | client_assertion_type | (none)                |
      | authorization scheme  | Basic                 |
      | client id             | {client id}           |
      | client secret         | {other client secret} |
    Then the request is refused with 401 "invalid_client"
