Feature: The secret of an app with users
  An app on a server that users sign in to proves itself by its secret when it redeems the code that a
  user brings. Without the right secret the code is worth nothing.

  @browser @req:TSEC-BASIC-HEADER
  Scenario: Id and secret travel in a Basic header beside the code
    Given a patient web app with a client secret
    When the patient signs in and allows access
    And the app redeems the code
    Then the app gets an access token

  @browser
  Scenario Outline: A code is not redeemed where <part> is <value>
    Given a patient web app with a client secret
    When the patient signs in and allows access
    And the app redeems the code with the "<part>" "<value>"
    Then the request is refused with 401 "invalid_client"

    @req:TSEC-WRONG-SECRET
    Examples: A wrong secret
      | part          | value     |
      | client secret | (changed) |

    @req:TSEC-EMPTY-SECRET
    Examples: A header without a secret
      | part          | value   |
      | client secret | (empty) |

    @req:TSEC-UNKNOWN-CLIENT
    Examples: An id that nobody knows
      | part      | value  |
      | client id | nobody |

    @req:TSEC-SCHEME-CASE @req:SEC-06
    Examples: A scheme that carries no secret
      | part                 | value  |
      | authorization scheme | Bearer |

  @browser @req:TSEC-EMPTY-SECRET
  Scenario Outline: A code is not redeemed with the header <value>
    Given a patient web app with a client secret
    When the patient signs in and allows access
    And the app redeems the code with the "authorization" "<value>"
    Then the request is refused with 401 "invalid_client" or "invalid_request"

    Examples: Neither base64 nor a pair
      | value                       |
      | Basic %%%                   |
      | Basic {client id in base64} |

  @browser @req:SEC-04
  Scenario: Nobody learns from a refusal whether an app is known
    Given a patient web app with a client secret
    When the patient signs in and allows access
    And the app redeems the code with the "client secret" "(changed)"
    And the app redeems the code with the "client id" "nobody"
    Then the platform refuses in the same words as before

  @browser @req:TSEC-WWW-AUTHENTICATE
  Scenario: The refusal of a code names the scheme to use
    Given a patient web app with a client secret
    When the patient signs in and allows access
    And the app redeems the code with the "client secret" "(changed)"
    Then the answer names the authentication scheme "Basic"

  @browser @req:TSEC-SCHEME-CASE @req:SEC-08
  Scenario: The name of the scheme is read in any case beside a code
    Given a patient web app with a client secret
    When the patient signs in and allows access
    And the app redeems the code with the "authorization scheme" "bAsIc"
    Then the app gets an access token

  @browser @needs:settings @req:TSEC-BASIC-HEADER @req:SEC-07
  Scenario: Id and secret are form-encoded in the header
    Given the platform's setting "registration.secret_symbols" is "%2B:+/ =&ü"
    And a patient web app with a client secret
    When the patient signs in and allows access
    And the app redeems the code
    Then the app gets an access token

  @browser @req:TSEC-NOT-IN-ADDRESS
  Scenario: Id and secret in the address redeem no code
    Given a patient web app with a client secret
    When the patient signs in and allows access
    And the app redeems the code with these changes:
      | part          | value                                                                |
      | client secret | (none)                                                               |
      | address       | {token endpoint}?client_id={client id}&client_secret={client secret} |
    Then the request is refused with 400 "invalid_request" or "invalid_client"

  @browser @req:TOKEN-ONE-METHOD-ONLY
  Scenario: A code is not redeemed by a request that authenticates twice
    Given a patient web app with a client secret
    When the patient signs in and allows access
    And the app redeems the code with these changes:
      | part                 | value           |
      | authorization scheme | Basic           |
      | client_id            | {client id}     |
      | client_secret        | {client secret} |
    Then the request is refused with 400 "invalid_request" or "invalid_client"

  @req:CAT-3L-NO-CLIENT-CREDENTIALS @req:TRES-ERR-UNAUTHORIZED-CLIENT
  Scenario: An app with users does not get a token without one
    Given a patient web app with a client secret
    When the app asks for a token for "patient/Patient.read"
    Then the request is refused with 400 "unauthorized_client" or "access_denied"

  @req:CAT-3L-NO-CLIENT-CREDENTIALS
  Scenario: An app that cannot keep a secret does not get a token by its id alone
    Given a patient browser app with PKCE
    When the app asks for a token for "patient/Patient.read"
    Then the request is refused with 400 "unauthorized_client" or "access_denied"
