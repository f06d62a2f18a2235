-- Moments are microseconds since 1970, UTC. `number` is made from what it stands for, so that several
-- writers come to the same one by themselves.

CREATE TABLE run (
    number BIGINT PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    started BIGINT NOT NULL,
    duration_ms BIGINT NOT NULL,
    completion TEXT NOT NULL CHECK (completion IN ('complete', 'interrupted')),
    target TEXT NOT NULL,
    -- The app that was judged; empty where the platform was.
    app TEXT NOT NULL,
    version TEXT NOT NULL,
    -- 1 if it had all scenarios of the project.
    whole BIGINT NOT NULL CHECK (whole IN (0, 1)),
    -- 1 if everything was judged and nothing is wrong.
    green BIGINT NOT NULL CHECK (green IN (0, 1)),
    pass BIGINT NOT NULL,
    warn BIGINT NOT NULL,
    flaky BIGINT NOT NULL,
    waived BIGINT NOT NULL,
    skipped BIGINT NOT NULL,
    inconclusive BIGINT NOT NULL,
    error BIGINT NOT NULL,
    fail BIGINT NOT NULL
);
CREATE INDEX run_of_target ON run (target, app, started);
CREATE INDEX run_started ON run (started);

-- The runs that a record was put together of, and that it stands for.
CREATE TABLE part (
    run BIGINT NOT NULL REFERENCES run (number) ON DELETE CASCADE,
    id TEXT NOT NULL,
    PRIMARY KEY (run, id)
);
CREATE INDEX part_id ON part (id);

-- A scenario is known by its file and title, since its line changes with what is written above it;
-- `nth` tells several of one title apart.
CREATE TABLE scenario (
    number BIGINT PRIMARY KEY,
    feature TEXT NOT NULL,
    name TEXT NOT NULL,
    nth BIGINT NOT NULL,
    UNIQUE (feature, name, nth)
);

CREATE TABLE proof (
    requirement TEXT NOT NULL,
    scenario BIGINT NOT NULL REFERENCES scenario (number),
    PRIMARY KEY (requirement, scenario)
);

CREATE TABLE judgement (
    run BIGINT NOT NULL REFERENCES run (number) ON DELETE CASCADE,
    scenario BIGINT NOT NULL REFERENCES scenario (number),
    line BIGINT NOT NULL,
    verdict TEXT NOT NULL,
    -- The verdict that it had before it was run again; empty if it was not.
    earlier TEXT NOT NULL,
    duration_ms BIGINT NOT NULL,
    PRIMARY KEY (run, scenario)
);
CREATE INDEX judgement_of_scenario ON judgement (scenario, run, verdict);
CREATE INDEX judgement_red ON judgement (run, scenario) WHERE verdict IN ('fail', 'waived');

-- The worst that the scenarios of a run say of a requirement.
CREATE TABLE finding (
    run BIGINT NOT NULL REFERENCES run (number) ON DELETE CASCADE,
    requirement TEXT NOT NULL,
    verdict TEXT NOT NULL,
    PRIMARY KEY (run, requirement)
);
CREATE INDEX finding_of_requirement ON finding (requirement, run);

-- The whole record: `record.json`, compressed by zstd.
CREATE TABLE document (
    run BIGINT PRIMARY KEY REFERENCES run (number) ON DELETE CASCADE,
    record BYTEA NOT NULL
);
