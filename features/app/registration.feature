@app
Feature: What an app registers, and keeps to itself
  A platform knows an app by what was registered of it: its addresses, its scopes, and the public half of
  its keys. The private half, and the secret, are the app's alone: no page of it holds them.

  Background:
    Given the app under test

  @needs:hosted-keys @req:AREG-02
  Scenario: Whoever asks gets the app's key set
    When the platform asks for the app's key set
    Then the app's key set is answered with 200 and JSON

  @needs:hosted-keys
  Scenario Outline: The key set holds <what>
    When the platform asks for the app's key set
    Then <claim>

    @req:AREG-03
    Examples:
      | what           | claim                                   |
      | complete keys  | each key of the app's set is complete   |
    @req:AREG-04
    Examples:
      | what           | claim                                   |
      | no private key | each key of the app's set is public     |
    @req:AREG-05
    Examples:
      | what           | claim                                   |
      | strong keys    | each key of the app's set is strong and can be told from the others |
    @req:AREG-07
    Examples:
      | what           | claim                                   |
      | a few keys     | the app's key set has 1 to 5 keys           |

  @needs:hosted-keys @req:AREG-06
  Scenario: The key set says how long it may be kept
    When the platform asks for the app's key set
    Then the app's key set comes with "Cache-Control"

  @needs:user @needs:confidential @req:AREG-08
  Scenario: What the browser gets holds no secret
    When the app is put to work
    Then nothing that the browser got from the app holds its secret
