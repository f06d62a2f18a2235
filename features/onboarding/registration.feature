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
    When a stranger registers a 2-legged app with a client secret
    Then the portal answers with status 401

  @req:CAT-METHOD-PKCE-3L-ONLY
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

    @req:ONB-2L-REQUIRED-FIELDS
    Examples:
      | member            |
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

  @req:CAT-LEVEL-TWO-OPTIONS
  Scenario Outline: An app has the level <level>
    When the developer registers a 2-legged app with a client secret and the "level" "<level>"
    Then the app is registered

    Examples:
      | level         |
      | certified     |
      | non_certified |

  @req:CAT-LEVEL-TWO-OPTIONS
  Scenario: There is no third level
    When the developer registers a 2-legged app with a client secret and the "level" "premium"
    Then the portal refuses because of "level"

  @req:ONB-CATEGORY-LABEL-VARIANTS
  Scenario Outline: The category is understood by the label "<label>"
    When the developer registers a <kind> app with a client secret and the "category" "<label>"
    Then the app is registered
    When the developer looks at the app
    Then the answer has the category "<key>"

    @req:ONB-2L-SELECT-CATEGORY
    Examples:
      | kind     | label              | key        |
      | 2-legged | 2-Legged OAuth     | two_legged |
      | 2-legged | 2-Legged OAuth App | two_legged |

    @req:ONB-PHR-SELECT-CATEGORY
    Examples:
      | kind        | label                       | key              |
      | patient web | 3-Legged OAuth for PHR Apps | three_legged_phr |
      | patient web | 3-Legged OAuth for Patients | three_legged_phr |

    @req:ONB-3L-SELECT-CATEGORY
    Examples:
      | kind         | label                             | key                |
      | provider web | 3-Legged OAuth                    | three_legged_other |
      | provider web | 3-Legged OAuth for Providers      | three_legged_other |
      | provider web | 3-Legged OAuth for all other apps | three_legged_other |

  @req:ONB-3L-SELECT-CATEGORY @req:ONB-CATEGORY-LABEL-VARIANTS
  Scenario: A category that nobody knows is refused
    When the developer registers a provider web app with a client secret and the "category" "4-Legged OAuth"
    Then the portal refuses because of "category"

  @req:ONB-2L-SELECT-CATEGORY
  Scenario Outline: A 2-legged app has no <member>
    When the developer registers a 2-legged app with a client secret and the "<member>" '<value>'
    Then the portal refuses because of "<member>"

    Examples:
      | member        | value                            |
      | end_users     | patients                         |
      | redirect_uris | ["https://app.example/callback"] |

  @req:ONB-3L-REQUIRED-FIELDS
  Scenario Outline: A provider app without its <member> is refused
    When the developer registers a provider web app with a client secret and the "<member>" "(none)"
    Then the portal refuses because of "<member>"

    Examples:
      | member            |
      | end_users         |
      | client_type       |
      | token_auth_method |
      | redirect_uris     |

  @req:ONB-EMBEDDED-LAUNCH-URL
  Scenario: An embedded app without a launch URL is refused
    When the developer registers a provider web app with a client secret and these changes:
      | member     | value  |
      | embedded   | true   |
      | launch_url | (none) |
    Then the portal refuses because of "launch_url"

  @req:ONB-EMBEDDED-LAUNCH-URL
  Scenario: An embedded app with a launch URL is registered
    When the developer registers a provider web app with a client secret and the "embedded" "true"
    Then the app is registered
    When the developer looks at the app
    Then the answer has the launch_url "https://app.example/launch"

  @req:ONB-POST-LOGOUT-URL
  Scenario: An app may say where users go when they signed out
    When the developer registers a patient web app with a client secret and the "post_logout_redirect_uris" '["https://app.example/bye"]'
    Then the app is registered
    When the developer looks at the app
    Then the answer has the post_logout_redirect_uris '["https://app.example/bye"]'

  @req:ONB-POST-LOGOUT-URL
  Scenario: An address that is none is refused as one to go to after signing out
    When the developer registers a patient web app with a client secret and the "post_logout_redirect_uris" '["app.example/bye"]'
    Then the portal refuses because of "post_logout_redirect_uris"

  @needs:settings @req:ONB-PHR-CONFIRM-CHECKBOX
  Scenario Outline: Where the portal asks for it, a patients' app is confirmed to be a health record: <answer>
    Given the platform's setting "portal.phr_confirmation" is "true"
    When the developer registers a patient web app with a client secret and the "phr_confirmed" "<answer>"
    Then <outcome>

    Examples:
      | answer | outcome                                     |
      | true   | the app is registered                       |
      | false  | the portal refuses because of "phr_confirmed" |
