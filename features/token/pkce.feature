Feature: Tokens for a proof key (PKCE)
  An app in a browser or on a phone cannot keep a secret. It invents a new one for each sign-in
  instead: the code verifier. With the sign-in it sends only a hash of it, the code challenge; with
  the code it shows the verifier. Whoever steals the code has no use for it without the verifier.

  Background:
    Given a patient browser app with PKCE

  @smoke @browser @req:PKCE-METHOD-S256 @req:PKCE-SERVER-VERIFIES @req:PKCE-01 @req:CTX-15
  @req:TOK-01 @req:TOK-02 @req:TOK-03 @req:TOK-05
  Scenario: The right verifier gets tokens
    When the patient signs in and allows access
    And the app redeems the code
    Then the app gets an access token
    And the answer looks like the accepted "token answer"

  @browser @req:TOK-11
  Scenario: An app in the browser may read the token answer
    When the patient signs in and allows access
    And the app redeems the code with the "origin" "{origin}"
    Then the app gets an access token
    And scripts of other sites may read the answer

  @browser @req:PKCE-VERIFIER-WRONG
  Scenario: A wrong verifier is refused
    When the patient signs in and allows access
    And the app redeems the code with the "code_verifier" "(changed)"
    Then the request is refused with 400 "invalid_grant"

  @browser @req:PKCE-SERVER-VERIFIES
  Scenario Outline: A verifier that is <value> is refused
    When the patient signs in and allows access
    And the app redeems the code with the "code_verifier" "<value>"
    Then the request is refused with 400 "invalid_grant" or "invalid_request"

    @req:PKCE-02
    Examples: Missing
      | value  |
      | (none) |

    @req:PKCE-03
    Examples: Empty
      | value   |
      | (empty) |

  @browser
  Scenario Outline: A verifier of <length> characters is long enough and not too long
    Given the app is going to send a sign-in request with these changes:
      | parameter      | value       |
      | code_challenge | <challenge> |
    When the patient signs in and allows access
    And the app redeems the code with the "code_verifier" "<verifier>"
    Then the app gets an access token

    @req:PKCE-VERIFIER-MIN-43 @req:PKCE-07
    Examples: The shortest
      | length | challenge                                   | verifier                                    |
      | 43     | E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM | dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk |

    @req:PKCE-VERIFIER-MAX-128 @req:PKCE-07
    Examples: The longest
      | length | challenge                                   | verifier                                                                                                                         |
      | 128    | qttdhqWQBXpBjvEVw4J8qIak5E3OOnjkRmS8YWt-jDg | dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXkdBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXkdBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjX |

  @browser
  Scenario Outline: A verifier with <flaw> is refused, though it fits its challenge
    Given the app is going to send a sign-in request with these changes:
      | parameter      | value       |
      | code_challenge | <challenge> |
    When the patient signs in and allows access
    And the app redeems the code with the "code_verifier" "<verifier>"
    Then the request is refused with 400 "invalid_grant" or "invalid_request"

    @req:PKCE-VERIFIER-CHARSET
    Examples: Letters
      | flaw              | challenge                                   | verifier                                     |
      | strange letters   | Voq20Go80CPEO2OUFAlDbiEl21Dwh46f9GLudZOm8fM | dBjftJeZ4CVP mB92K27uhbUJU1p1r/wW1gFWFOEjXk% |

    @req:PKCE-VERIFIER-MIN-43 @req:PKCE-06
    Examples: Too short
      | flaw              | challenge                                   | verifier                                   |
      | 42 characters     | MzGuVmuCfiyhtA8T4e8WBVUlbW1KtArN4Sk-n-PRX_s | dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjX |

    @req:PKCE-VERIFIER-MAX-128 @req:PKCE-06
    Examples: Too long
      | flaw              | challenge                                   | verifier                                                                                                                          |
      | 129 characters    | cTiqxo0PtbCJ8rEJw8nwj75MZmdvsR-yCgI4NKsaHr0 | dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXkdBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXkdBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk |

  @browser @req:PKCE-SERVER-VERIFIES @req:PKCE-05
  Scenario: The challenge itself is no verifier
    Given the app is going to send a sign-in request with these changes:
      | parameter      | value                                       |
      | code_challenge | E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM |
    When the patient signs in and allows access
    And the app redeems the code with the "code_verifier" "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    Then the request is refused with 400 "invalid_grant"

  @browser @req:PKCE-CODE-BOUND
  Scenario: The verifier of another sign-in does not fit
    Given the app is going to send a sign-in request with these changes:
      | parameter      | value                                       |
      | code_challenge | E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM |
    When the patient signs in and allows access
    And the app sends the patient to sign in again
    And the app redeems the code with the "code_verifier" "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    Then the request is refused with 400 "invalid_grant"

  @browser @req:PKCE-FAILED-ATTEMPT-CODE
  Scenario: Nobody may guess on and on
    When the patient signs in and allows access
    And the app redeems the code with the "code_verifier" "(changed)"
    And the app redeems the code with the "code_verifier" "(changed)"
    And the app redeems the code with the "code_verifier" "(changed)"
    And the app redeems the code
    Then the request is refused with 400 "invalid_grant"

  @browser @req:PKCE-PUBLIC-WITH-BASIC
  Scenario Outline: A public app is not known by <what>
    When the patient signs in and allows access
    And the app redeems the code with these changes:
      | part                 | value       |
      | authorization scheme | Basic       |
      | client id            | {client id} |
      | client secret        | <secret>    |
    Then the request is refused with 401 "invalid_client"

    Examples:
      | what               | secret               |
      | an invented secret | invented-secret-4711 |
      | an empty secret    | (empty)              |

  @browser @req:PKCE-DOWNGRADE
  Scenario: A verifier for a sign-in without a challenge is refused
    Given a patient web app with a client secret
    When the patient signs in and allows access
    And the app redeems the code with the "code_verifier" "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    Then the request is refused with 400 "invalid_grant" or "invalid_request"

  @browser @req:PKCE-CONFIDENTIAL-MAY
  Scenario: An app with a secret may use PKCE as well
    Given a patient web app with a client secret
    And the app is going to send a sign-in request with these changes:
      | parameter             | value                                       |
      | code_challenge        | E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM |
      | code_challenge_method | S256                                        |
    When the patient signs in and allows access
    And the app redeems the code with the "code_verifier" "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    Then the app gets an access token

  @browser @req:PKCE-CONFIDENTIAL-MAY
  Scenario Outline: An app with a secret that uses PKCE needs both: <what>
    Given a patient web app with a client secret
    And the app is going to send a sign-in request with these changes:
      | parameter             | value                                       |
      | code_challenge        | E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM |
      | code_challenge_method | S256                                        |
    When the patient signs in and allows access
    And the app redeems the code with these changes:
      | part or parameter | value      |
      | code_verifier     | <verifier> |
      | client secret     | <secret>   |
    Then the request is refused with <status> "<error>"

    Examples:
      | what             | verifier                                    | secret          | status | error          |
      | another verifier | anotherVerifier-0123456789abcdefghijklmnopq | {client secret} | 400    | invalid_grant  |
      | no verifier      | (none)                                      | {client secret} | 400    | invalid_grant  |
      | no secret        | dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk | (none)          | 401    | invalid_client |

  @req:PKCE-METHOD-WITHOUT-CHALLENGE
  Scenario: A method without a challenge is refused
    Given a patient web app with a client secret
    When the app sends a user to sign in with the "code_challenge_method" "S256"
    Then the user comes back with the error "invalid_request"

  @req:PKCE-CHALLENGE-MISSING @req:PKCE-REQUIRED-PUBLIC
  Scenario: A public app without a challenge is sent back
    When the app sends a user to sign in with these changes:
      | parameter             | value  |
      | code_challenge        | (none) |
      | code_challenge_method | (none) |
    Then the user comes back with the error "invalid_request"

  @req:PKCE-METHOD-S256 @req:PKCE-METHOD-PLAIN-REFUSED @req:AUTH-30
  Scenario Outline: The method <method> is refused
    When the app sends a user to sign in with the "code_challenge_method" "<method>"
    Then the user comes back with the error "invalid_request"

    Examples:
      | method |
      | plain  |
      | s256   |
      | SHA256 |

  @req:PKCE-CHALLENGE-SHAPE
  Scenario Outline: A challenge is refused that is <flaw>
    When the app sends a user to sign in with the "code_challenge" "<challenge>"
    Then the user comes back with the error "invalid_request"

    Examples:
      | flaw      | challenge                                    |
      | too short | E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-c   |
      | padded    | E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM= |

  @browser @req:PKCE-REFRESH-PUBLIC
  Scenario: A public app refreshes with its id alone
    When the patient signs in and allows access
    And the app redeems the code
    And the app refreshes its tokens
    Then the app gets an access token

  @needs:portal @req:PKCE-REFRESH-PUBLIC
  Scenario: The id of another public app does not fit the refresh token
    Given another patient browser app with PKCE
    When the patient signs in and allows access
    And the app redeems the code
    And the other app refreshes the tokens
    Then the request is refused with 400 "invalid_grant"

  @browser @req:REFRESH-ROTATION
  Scenario: A public app gets a new refresh token each time
    When the patient signs in and allows access
    And the app redeems the code
    And the app refreshes its tokens
    Then the refresh token is another than before
