Feature: The athenaOne API of one practice
  Apps with the service scope ask a practice for its places, people and openings. Lists tell how many
  there are; refusals say what is wrong in the API's own words.

  @needs:portal @req:BEARER-V1-PATH @req:SCOPE-2L-MDP
  Scenario Outline: A practice lists its <list>
    Given a 2-legged app for all APIs with a client secret and the scopes "athena/service/Athenanet.MDP.*"
    When the app asks for a token
    And the app calls "/v1/195900/<list>"
    Then the answer has the totalcount "<total>"

    Examples:
      | list                                                                                   | total |
      | practiceinfo                                                                           | 1     |
      | departments                                                                            | 2     |
      | providers                                                                              | 3     |
      | patients?lastname=Whitcomb                                                             | 1     |
      | patients?dob=02/02/1954                                                                | 1     |
      | appointments/booked?startdate=11/20/2026&enddate=11/20/2026&patientid=60178            | 1     |
      | appointmenttypes                                                                       | 3     |

  @needs:portal @req:BEARER-V1-PATH
  Scenario: A patient of the practice looks as it did
    Given a 2-legged app for all APIs with a client secret and the scopes "athena/service/Athenanet.MDP.*"
    When the app asks for a token
    And the app calls "/v1/195900/patients/60178"
    Then the answer looks like the accepted "patient"

  @needs:portal @req:BEARER-V1-PATH
  Scenario: A page of a list says where the next is
    Given a 2-legged app for all APIs with a client secret and the scopes "athena/service/Athenanet.MDP.*"
    When the app asks for a token
    And the app calls "/v1/195900/providers?limit=1"
    Then the answer has the next "/v1/195900/providers?limit=1&offset=1"

  @needs:portal
  Scenario Outline: <what> is refused with <status>
    Given a 2-legged app for all APIs with a client secret and the scopes "athena/service/Athenanet.MDP.*"
    When the app asks for a token
    And the app calls "<path>"
    Then the call is refused with <status> and no data

    @req:BEARER-V1-PATH
    Examples: What is not there, or not asked for as documented
      | what                        | path                                     | status |
      | A path that is not there    | /v1/195900/nothing                       | 404    |
      | A patient who is not there  | /v1/195900/patients/1                    | 404    |
      | A search for everybody      | /v1/195900/patients                      | 400    |
      | A search without department | /v1/195900/appointments/open?reasonid=-1 | 400    |
      | A date in another form      | /v1/195900/patients?dob=1954-02-02       | 400    |

    @req:BEARER-PRACTICE-ACCESS
    Examples: Practices that the app does not reach
      | what                         | path                   | status |
      | A practice that is not there | /v1/12345/departments  | 404    |
      | A practice out of reach      | /v1/900100/departments | 403    |

    @req:SBX-PING
    Examples: A ping
      | what                | path             | status |
      | A ping out of reach | /v1/900100/ping  | 401    |

  @needs:portal @req:SCOPE-2L-MDP @req:BEARER-INSUFFICIENT-SCOPE
  Scenario: A token without the service scope is refused
    Given a 2-legged app for all APIs with a client secret and the scopes "system/Patient.read"
    When the app asks for a token
    And the app calls "/v1/195900/departments"
    Then the call is refused with 403 and no data
