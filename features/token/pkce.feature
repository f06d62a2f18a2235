Feature: Tokens for a proof key (PKCE)
  An app in a browser or on a phone cannot keep a secret. It invents a new one for each sign-in
  instead: the code verifier. With the sign-in it sends only a hash of it, the code challenge; with
  the code it shows the verifier. Whoever steals the code has no use for it without the verifier.

  Background:
    Given a patient browser app with PKCE

  @smoke @browser @req:PKCE-REQUIRED-PUBLIC @req:PKCE-METHOD-S256 @req:PKCE-SERVER-VERIFIES
  Scenario: The right verifier gets tokens
    When the patient signs in and allows access
    And the app redeems the code
    Then the app gets an access token
    And the answer looks like the accepted "token answer"

  @browser @req:PKCE-VERIFIER-WRONG
  Scenario: A wrong verifier is refused
    When the patient signs in and allows access
    And the app redeems the code with the "code_verifier" "(changed)"
    Then the request is refused with 400 "invalid_grant"

  @browser @req:PKCE-SERVER-VERIFIES
  Scenario: A missing verifier is refused
    When the patient signs in and allows access
    And the app redeems the code with the "code_verifier" "(none)"
    Then the request is refused with 400 "invalid_grant" or "invalid_request"

  @browser @req:PKCE-VERIFIER-MIN-43 @req:PKCE-VERIFIER-CHARSET
  Scenario Outline: A verifier is refused that is <flaw>
    When the patient signs in and allows access
    And the app redeems the code with the "code_verifier" "<verifier>"
    Then the request is refused with 400 "invalid_grant" or "invalid_request"

    Examples:
      | flaw             | verifier                                     |
      | too short        | dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjX   |
      | full of strangers | dBjftJeZ4CVP mB92K27uhbUJU1p1r/wW1gFWFOEjXk% |

  @req:PKCE-CHALLENGE-MISSING
  Scenario: A public app without a challenge is sent back
    When the app sends a user to sign in with the "code_challenge" "(none)"
    Then the user comes back with the error "invalid_request"

  @req:PKCE-METHOD-PLAIN-REFUSED @req:AUTH-30
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

  @browser @req:PKCE-REFRESH-PUBLIC @req:REFRESH-ROTATION
  Scenario: A public app refreshes with its id alone, and gets a new refresh token
    When the patient signs in and allows access
    And the app redeems the code
    And the app refreshes its tokens
    Then the app gets an access token
    And it is another refresh token than before
