@needs:portal
Feature: The way to Production
  Preview and Production are two worlds: credentials of one are unknown in the other. An app of
  Certified APIs gets Production credentials by itself; any other needs a contract first.

  @req:PROD-CREDS-ENV-SPECIFIC @req:ONB-ENV-PREVIEW-CREDS
  Scenario: Preview credentials are unknown in Production
    Given a 2-legged app with a client secret
    When the app asks for a token
    Then the app gets an access token
    When the app turns to Production
    And the app asks for a token
    Then the request is refused with 401 "invalid_client"

  @req:PROD-CREDS-ENV-SPECIFIC
  Scenario: Nobody signs in to Production for an app of Preview
    Given a patient web app with a client secret
    When the app turns to Production
    And the app sends a user to sign in
    Then the user is shown an error page and sent nowhere

  @req:ONB-ENV-PROD-CREDS @req:PROD-CREDS-ENV-SPECIFIC
  Scenario: Production credentials are unknown in Preview
    Given a 2-legged app with a client secret
    When the developer asks for Production credentials
    Then the app is registered
    When the app takes over the new credentials
    And the app asks for a token
    Then the request is refused with 401 "invalid_client"
    When the app turns to Production
    And the app asks for a token
    Then the app gets an access token

  @req:PROD-PHR-ALL-ENVIRONMENTS @req:ONB-PHR-CREATE-PREVIEW-OR-PROD
  Scenario: A personal health record of Production is unknown in Preview
    When the developer registers a patient web app with a client secret and the "environment" "production"
    Then the app is registered
    When the app sends a user to sign in
    Then the user is shown an error page and sent nowhere

  Scenario Outline: A new <kind> app has credentials of Preview only
    Given a <kind> app with a client secret
    When the developer looks at the app
    Then the answer has the environment "preview"
    When the developer looks at the app's environments
    Then the answer has the production '{"client_id":null,"missing":[]}'

    @req:ONB-2L-CREATE-PREVIEW-CREDS
    Examples:
      | kind     |
      | 2-legged |

    @req:ONB-3L-CREATE-PREVIEW-CREDS
    Examples:
      | kind         |
      | provider web |

  @req:ONB-PHR-ENV-CHOICE @req:ONB-PHR-CREATE-PREVIEW-OR-PROD
  Scenario Outline: A personal health record is registered for <environment>
    When the developer registers a patient web app with a client secret and the "environment" "<environment>"
    Then the app is registered
    When the developer looks at the app
    Then the answer has the environment "<environment>"

    Examples:
      | environment |
      | preview     |
      | production  |

  @req:ONB-PHR-ENV-CHOICE
  Scenario: There is no third environment
    When the developer registers a patient web app with a client secret and the "environment" "staging"
    Then the portal refuses because of "environment"

  @req:PROD-ENV-CHOICE-CONFLICT
  Scenario Outline: Any other app is not registered for Production, <kind>
    When the developer registers a <kind> app with a client secret and the "environment" "production"
    Then the portal refuses because of "environment"

    Examples:
      | kind         |
      | 2-legged     |
      | provider web |

  @needs:settings @req:PROD-ENV-CHOICE-CONFLICT
  Scenario: Where the portal lets it, any app is registered for Production
    Given the platform's setting "portal.environment_choice" is '["two_legged"]'
    When the developer registers a 2-legged app with a client secret and the "environment" "production"
    Then the app is registered

  @needs:settings @req:PROD-CERT-PATH-CONFLICT
  Scenario Outline: Where the portal wants it, a certified <kind> app requests Production first
    Given the platform's setting "portal.certified_production" is "by_request"
    And a <kind> app with a client secret
    When the developer asks for Production credentials
    Then the portal says that the production_request is missing
    When the developer requests Production
    Then the portal answers with status 202
    When the developer asks for Production credentials
    Then the app is registered

    @req:PROD-2L-CONTRACT-OR-CERTIFIED
    Examples:
      | kind     |
      | 2-legged |

    @req:PROD-3L-CONTRACT-OR-CERTIFIED
    Examples:
      | kind         |
      | provider web |

  @needs:settings
  Scenario Outline: A contract is a way of its own to Production, <kind>
    Given the platform's setting "portal.certified_production" is "by_request"
    And a <kind> app with a client secret
    When the platform's staff note the contract
    And the platform's staff note the tech_spec
    And the platform's staff note the solution_validation
    And practice 21001 has requested the app
    And the developer asks for Production credentials
    Then the app is registered

    @req:PROD-2L-CONTRACT-OR-CERTIFIED
    Examples:
      | kind     |
      | 2-legged |

    @req:PROD-3L-CONTRACT-OR-CERTIFIED
    Examples:
      | kind         |
      | provider web |

  Scenario Outline: An app beyond Certified APIs cannot just request Production, <kind>
    When the developer registers a <kind> app with a client secret and the "level" "non_certified"
    And the developer requests Production
    Then the portal answers with status 403
    When the developer asks for Production credentials
    Then the portal answers with status 403

    @req:PROD-2L-CONTRACT-OR-CERTIFIED
    Examples:
      | kind     |
      | 2-legged |

    @req:PROD-3L-CONTRACT-OR-CERTIFIED
    Examples:
      | kind         |
      | provider web |
