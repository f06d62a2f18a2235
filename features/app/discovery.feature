@app
Feature: How an app finds its platform
  An app knows the FHIR base whose data it wants. What else it needs, above all where to ask for
  authorization and for tokens, the platform's own document says: the smart-configuration, or the
  openid-configuration of its issuer.

  Background:
    Given the app under test

  @req:ADISC-01
  Scenario: The app reads what the platform says of itself, before it asks for anything
    When the app is put to work
    Then the app sends a discovery request before anything else

  @req:ADISC-07
  Scenario: The app takes JSON
    When the app is put to work
    And the app has sent a discovery request
    Then each discovery request allows JSON

  @req:ADISC-02 @needs:user
  Scenario Outline: The app follows the document where the authorize endpoint is
    Given a platform that errs:
      """
      [
        {"at": {"endpoint": "smart-configuration"}, "fault": {"kind": "member_set", "pointer": "/authorization_endpoint", "value": "{host}/moved/<where>"}},
        {"at": {"endpoint": "openid-configuration"}, "fault": {"kind": "member_set", "pointer": "/authorization_endpoint", "value": "{host}/moved/<where>"}}
      ]
      """
    When the user starts the app
    And the app has sent a discovery request
    Then the app goes to "/moved/<where>"

    Examples:
      | where         |
      | authorize     |
      | v2/sign-in    |

  @req:ADISC-02
  Scenario: The app follows the document where the token endpoint is
    Given a platform that errs:
      """
      [
        {"at": {"endpoint": "smart-configuration"}, "fault": {"kind": "member_set", "pointer": "/token_endpoint", "value": "{host}/moved/token"}},
        {"at": {"endpoint": "openid-configuration"}, "fault": {"kind": "member_set", "pointer": "/token_endpoint", "value": "{host}/moved/token"}}
      ]
      """
    When the app is put to work
    And the app has sent a discovery request
    Then the app goes to "/moved/token"

  @req:ADISC-03
  Scenario: A relative address is looked for at the platform
    Given a platform that errs:
      """
      {"at": {"endpoint": "smart-configuration"}, "fault": {"kind": "member_set", "pointer": "/token_endpoint", "value": "{token path}"}}
      """
    When the app is put to work
    And the app has sent a discovery request
    Then the app's work is done

  @req:ADISC-04
  Scenario Outline: The app gets along with <what>
    Given a platform that errs:
      """
      [
        {"at": {"endpoint": "smart-configuration"}, "fault": <fault>},
        {"at": {"endpoint": "openid-configuration"}, "fault": <fault>}
      ]
      """
    When the app is put to work
    Then the app's work is done

    Examples:
      | what                          | fault |
      | a member that nobody knows    | {"kind": "member_set", "pointer": "/x_of_tomorrow", "value": {"is": ["an", "object"]}} |
      | no end of capabilities        | {"kind": "member_set", "pointer": "/capabilities", "value": ["launch-ehr", "launch-standalone", "client-public", "client-confidential-symmetric", "client-confidential-asymmetric", "sso-openid-connect", "permission-v1", "permission-v2", "permission-offline", "https://tomorrow.example/capability"]} |
      | grant types that it never uses | {"kind": "member_set", "pointer": "/grant_types_supported", "value": ["authorization_code", "client_credentials", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code"]} |

  @req:ADISC-05 @needs:error-sign
  Scenario Outline: A document that <fails> is told, and nothing is asked for
    Given a platform that errs:
      """
      [
        {"at": {"endpoint": "smart-configuration"}, "fault": <fault>},
        {"at": {"endpoint": "openid-configuration"}, "fault": <fault>},
        {"at": {"endpoint": "metadata"}, "fault": <fault>}
      ]
      """
    When the user starts the app
    And the app has sent a discovery request
    Then the app tells that it failed
    And the app sends no authorization request
    And the app asks for no token

    Examples:
      | fails              | fault |
      | is not there       | {"kind": "status", "status": 404} |
      | cannot be made     | {"kind": "status", "status": 500} |
      | is a page          | {"kind": "body", "body": "<h1>Maintenance</h1>", "content_type": "text/html"} |
      | is no JSON         | {"kind": "malformed_json"} |
      | is empty           | {"kind": "empty_body"} |
      | breaks off         | {"kind": "truncate", "bytes": 40} |
      | never comes        | {"kind": "drop"} |

  @req:ADISC-06 @needs:openid @needs:user
  Scenario: An openid-configuration of another issuer is not used
    Given a platform that errs:
      """
      {"at": {"endpoint": "openid-configuration"}, "fault": {"kind": "member_set", "pointer": "/issuer", "value": "https://issuer.example"}}
      """
    When the user signs in to the app
    And the app has sent an OpenID configuration request
    Then the app calls no API
