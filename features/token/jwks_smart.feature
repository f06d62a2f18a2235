Feature: Signed assertions as SMART has them
  SMART App Launch is stricter with assertions than some platforms: they live for five minutes at most,
  have a number, say that they are a JWT, and get a system a token for five minutes.

  Background:
    Given a 2-legged app with an imported key set

  @req:JWT-02
  Scenario: A system's token lives for five minutes at most
    When the app asks for a token
    Then the app gets an access token
    And the token lives for at most 300 seconds

  @req:JWT-27
  Scenario: An assertion without a number is refused
    When the app asks for a token with an assertion whose jti is "(none)"
    Then the request is refused with 401 "invalid_client"

  @needs:clock @req:JWT-23
  Scenario: An assertion may live for five minutes
    When the app asks for a token with an assertion whose exp is "in 300 seconds"
    Then the app gets an access token

  @needs:clock @req:JWT-22
  Scenario: An assertion that lives for longer is refused
    When the app asks for a token with an assertion whose exp is "in 360 seconds"
    Then the request is refused with 401 "invalid_client"

  @req:JWT-14
  Scenario Outline: An assertion whose typ is <typ> is refused
    When the app asks for a token with an assertion whose typ is "<typ>"
    Then the request is refused with 401 "invalid_client"

    Examples:
      | typ    |
      | at+jwt |
      | (none) |
  @needs:clock @req:JWT-26
  Scenario: The exp of an assertion may have a fraction
    When the app asks for a token with an assertion whose exp is "in 60.5 seconds"
    Then the app gets an access token

  @req:JWT-26
  Scenario: An assertion whose exp is a text is refused
    When the app asks for a token with an assertion whose exp is "tomorrow"
    Then the request is refused with 401 "invalid_client"
