@needs:portal
Feature: Registering an app in the Developer Portal
  A developer tells the portal what the app is: how far it reaches, who uses it, where it runs and
  how it will prove who it is. The portal answers with a client id, and with a secret if the app is
  one that can keep it. What does not fit together is refused, and no credentials are made.

  @req:ONB-CREATED-AFTER-DETAILS
  Scenario Outline: A <kind> app can authenticate with <method>
    When the developer registers a <kind> app with <method>
    Then the app is registered

    Examples:
      | kind            | method              |
      | 2-legged        | a client secret     |
      | 2-legged        | an imported key set |
      | 2-legged        | a hosted key set    |
      | patient web     | a client secret     |
      | patient web     | an imported key set |
      | patient browser | PKCE                |
      | patient native  | PKCE                |
      | provider web    | a client secret     |

  @req:ONB-ACCOUNT-REQUIRED
  Scenario: Without an account nobody registers an app
    When a stranger registers a 2-legged app
    Then the portal answers with status 401

  @req:CAT-METHOD-PKCE-3L-ONLY @req:ONB-2L-REQUIRED-FIELDS
  Scenario: A 2-legged app cannot choose PKCE
    When the developer registers a 2-legged app with PKCE
    Then the portal refuses because of "token_auth_method"

  @req:ONB-CLIENT-TYPE-FIELD
  Scenario Outline: A <kind> app cannot keep <method>
    When the developer registers a <kind> app with <method>
    Then the portal refuses because of "token_auth_method"

    Examples:
      | kind            | method              |
      | patient native  | a client secret     |
      | patient browser | an imported key set |

  @req:JURL-CLIENT-TYPES @req:CAT-METHOD-JWKS-URL-TYPES
  Scenario: A native app cannot host a key set
    When the developer registers a patient native app with a hosted key set
    Then the portal refuses because of "token_auth_method"

  @req:ONB-DETAILS-COMMON-FIELDS
  Scenario Outline: A registration without its <member> is refused
    When the developer registers a 2-legged app with a client secret and the "<member>" "(none)"
    Then the portal refuses because of "<member>"

    Examples:
      | member            |
      | name              |
      | environment       |
      | token_auth_method |

  @req:ONB-ORDER-LEVEL-CATEGORY-DETAILS
  Scenario Outline: Details without the step <member> are refused
    When the developer registers a 2-legged app with a client secret and the "<member>" "(none)"
    Then the portal refuses because of "<member>"

    Examples:
      | member   |
      | level    |
      | category |

  @req:ONB-PHR-REQUIRED-FIELDS
  Scenario Outline: A patient app without its <member> is refused
    When the developer registers a patient web app with a client secret and the "<member>" "(none)"
    Then the portal refuses because of "<member>"

    Examples:
      | member        |
      | end_users     |
      | client_type   |
      | redirect_uris |

  @req:ONB-TERMS-CHECKBOX
  Scenario: Who does not agree to the terms gets no credentials
    When the developer registers a 2-legged app with a client secret and the "terms_accepted" "false"
    Then the portal refuses because of "terms_accepted"

  @req:JURL-HTTPS
  Scenario: A key set has to be hosted under https
    When the developer registers a 2-legged app with a hosted key set and the "jwks_uri" "http://app.example/jwks.json"
    Then the portal refuses because of "jwks_uri"

  @req:ONB-APPS-LISTED
  Scenario: The developer sees the registered apps
    Given a 2-legged app with a client secret
    And another patient web app with a client secret
    When the developer lists the apps
    Then there are 2 apps in the list

  @req:ONB-CONSOLE-MANAGES-CREDS
  Scenario: The credentials of a deleted app are worthless
    Given a 2-legged app with a client secret
    When the app asks for a token
    Then the app gets an access token
    When the developer deletes the app
    And the app asks for a token
    Then the request is refused with 401 "invalid_client"
