@needs:portal
Feature: Tokens for a signed assertion, with an imported key set
  The app signs a short JWT with its private key; the platform knows the public keys because the
  developer imported them. Nothing secret travels, and keys can be changed without a pause.

  Background:
    Given a 2-legged app with an imported key set

  @smoke @req:JWKS-KEYPAIR-AUTH
  Scenario: A good assertion gets an access token
    When the app asks for a token
    Then the app gets an access token
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

  @req:JWKS-ERROR-INVALID-CLIENT
  Scenario Outline: An assertion whose <member> is <value> is refused
    Given the app knows the platform's endpoints
    When the app asks for a token with an assertion whose <member> is "<value>"
    Then the request is refused with 401 "invalid_client"

    @req:JWKS-AUD-REQUIRED
    Examples: No audience
      | member | value  |
      | aud    | (none) |

    @req:JWKS-AUD-BACKEND-URL
    Examples: Another audience
      | member | value                    |
      | aud    | {fhir base}              |
      | aud    | https://elsewhere.example |

    @req:JWKS-AUD-EXACT
    Examples: Almost the audience
      | member | value             |
      | aud    | {token endpoint}/ |

    @req:JWKS-EXP-REQUIRED
    Examples: No end
      | member | value  |
      | exp    | (none) |

    @req:JWKS-EXP-MAX-1H
    Examples: An end too far ahead
      | member | value           |
      | exp    | in 3700 seconds |

    @req:JWKS-EXP-PAST
    Examples: An end that has passed
      | member | value          |
      | exp    | 60 seconds ago |

    @req:JWKS-ISS-CLIENT-ID
    Examples: Another issuer, or none
      | member | value       |
      | iss    | (none)      |
      | iss    | another-app |

    @req:JWKS-SUB-CLIENT-ID
    Examples: Another subject, or none
      | member | value       |
      | sub    | (none)      |
      | sub    | another-app |

    @req:JWKS-NBF-IAT
    Examples: Not valid yet
      | member | value          |
      | nbf    | in 600 seconds |

    @req:JWKS-KID-MISSING
    Examples: No key named
      | member | value  |
      | kid    | (none) |

    @req:JWKS-KID-WRONG-KEY
    Examples: An unknown key named
      | member | value   |
      | kid    | unknown |

    @req:JWKS-ALG-AS-CONFIGURED
    Examples: Another algorithm than the key's
      | member | value |
      | alg    | RS256 |

  @req:JWKS-CRIT-HEADER
  Scenario: An extension that has to be understood, and is not, is refused
    When the app asks for a token with an assertion whose crit is '["unknown"]'
    Then the request is refused with 401 "invalid_client"

  @req:JWKS-EXP-MAX-1H @needs:clock
  Scenario: Just less than an hour is allowed
    When the app asks for a token with an assertion whose exp is "in 3599 seconds"
    Then the app gets an access token

  @req:JWKS-ASSERTION-TYPE
  Scenario: The type of the assertion has to be named
    When the app asks for a token with the "client_assertion_type" "urn:example:something-else"
    Then the request is refused with 401 "invalid_client" or "invalid_request"

  @req:JWKS-EXTRA-CLAIMS
  Scenario: A claim that nobody knows changes nothing
    When the app asks for a token with an assertion whose favourite_colour is "blue"
    Then the app gets an access token

  @req:JWKS-JTI
  Scenario: An assertion without a number is allowed
    When the app asks for a token with an assertion whose jti is "(none)"
    Then the app gets an access token

  @req:JWKS-JTI @req:JWT-28
  Scenario: An assertion is good for one use
    When the app asks for two tokens with the same assertion
    Then the request is refused with 401 "invalid_client"

  @req:JWKS-ALG-NONE
  Scenario: An unsigned assertion is refused
    When the app asks for a token with an unsigned assertion
    Then the request is refused with 401 "invalid_client"

  @req:JWKS-TAMPERED-PAYLOAD
  Scenario: An assertion that was changed after it was signed is refused
    When the app asks for a token with an assertion that was changed after it was signed
    Then the request is refused with 401 "invalid_client"

  @req:JWKS-KEYPAIR-AUTH
  Scenario: An assertion signed by a foreign key is refused
    When the app asks for a token with an assertion signed by a foreign key
    Then the request is refused with 401 "invalid_client"

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
    When the app asks for a token with the secret of the other app
    Then the request is refused with 401 "invalid_client"
