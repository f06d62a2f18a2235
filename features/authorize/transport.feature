@needs:tls
Feature: The transport
  Secrets, codes and tokens travel on connections that nobody else can read or change. That is what the
  version of TLS and the certificate of a host are for, and why nothing is given out without them.

  @req:TLS-01
  Scenario: Old versions of TLS are refused
    When somebody connects to the platform's hosts
    Then they speak TLS 1.2 or 1.3, and nothing older

  @req:TLS-02
  Scenario: The certificates are good ones
    When somebody connects to the platform's hosts
    Then their certificates are trusted, and do not end soon

  @req:TLS-04
  Scenario: A token request without TLS gets no token
    Given a 2-legged app with an imported key set
    When the app asks for a token over plain http
    Then no token is given in the clear
