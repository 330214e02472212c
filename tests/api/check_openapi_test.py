#!/usr/bin/env python3
"""The linter of the HTTP contract, fed with faults one at a time."""
import copy
import importlib.machinery
import importlib.util
import pathlib
import sys
import unittest

import yaml

sys.dont_write_bytecode = True
ROOT = pathlib.Path(__file__).resolve().parents[2]
loader = importlib.machinery.SourceFileLoader("check_openapi", str(ROOT / ".ci/check-openapi"))
check_openapi = importlib.util.module_from_spec(importlib.util.spec_from_loader("check_openapi", loader))
loader.exec_module(check_openapi)

SOUND = """
openapi: 3.1.0
paths:
  /v1/things/{id}:
    get:
      operationId: getThing
      tags: [device]
      summary: Show a thing
      security: [{token: []}]
      x-intray-permission: customer.view
      parameters:
        - {name: id, in: path, required: true, description: Its id, schema: {type: string}}
      responses:
        "200":
          description: The thing
          content:
            application/json:
              schema: {$ref: "#/components/schemas/Thing"}
              example: {id: T1, size: 3, made: "2026-01-31T09:00:00Z"}
        default: {$ref: "#/components/responses/Problem"}
components:
  securitySchemes:
    token: {type: http, scheme: bearer}
  responses:
    Problem:
      description: A problem
      content:
        application/problem+json: {schema: {type: object}, example: {}}
  schemas:
    Thing:
      type: object
      additionalProperties: false
      required: [id]
      properties:
        id: {type: string, pattern: "^T", maxLength: 4}
        size: {type: integer, minimum: 0, maximum: 9}
        made: {type: [string, "null"], format: date-time}
"""


class CheckOpenapiTest(unittest.TestCase):
    def setUp(self):
        self.document = yaml.load(SOUND, Loader=check_openapi.TextLoader)
        self.operation = self.document["paths"]["/v1/things/{id}"]["get"]
        self.content = self.operation["responses"]["200"]["content"]["application/json"]
        self.example = self.content["example"]

    def assert_fault(self, *words):
        faults = check_openapi.lint(self.document)
        self.assertEqual(len(faults), 1, faults)
        for word in words:
            self.assertIn(word, faults[0])

    def test_a_sound_document_has_no_fault(self):
        self.assertEqual(check_openapi.lint(self.document), [])

    def test_a_reference_must_lead_somewhere(self):
        self.content["schema"]["$ref"] = "#/components/schemas/Other"
        self.assert_fault("/v1/things/{id}/get", "leads nowhere")

    def test_a_component_must_be_used(self):
        self.document["components"]["schemas"]["Other"] = {"type": "string"}
        self.assert_fault("components/schemas/Other", "not used")

    def test_each_member_of_an_operation_must_be_there(self):
        for key in ("operationId", "tags", "summary", "x-intray-permission"):
            whole = copy.deepcopy(self.operation)
            del self.operation[key]
            self.assertTrue(any(f"has no {key}" in fault for fault in check_openapi.lint(self.document)), key)
            self.operation.update(whole)

    def test_security_must_be_said_and_go_with_the_permission(self):
        self.operation["x-intray-permission"] = "any.open"
        self.assert_fault("GET /v1/things/{id}", "does not go with")

    def test_a_permission_must_be_one_of_the_host(self):
        self.operation["x-intray-permission"] = "customer.look"
        self.assert_fault("customer.look is unknown")

    def test_two_operations_must_not_share_an_id(self):
        self.document["paths"]["/v1/things/{id}"]["put"] = copy.deepcopy(self.operation)
        self.assert_fault("operationId getThing")

    def test_a_path_parameter_must_be_declared_and_in_the_path(self):
        self.operation["parameters"][0]["name"] = "thing"
        faults = check_openapi.lint(self.document)
        self.assertEqual(len(faults), 2, faults)

    def test_a_success_and_a_failure_must_be_described(self):
        ok = self.operation["responses"].pop("200")
        self.document["components"].pop("schemas")
        self.assert_fault("no success")
        self.setUp()
        self.assertEqual(ok, self.operation["responses"]["200"])
        self.operation["responses"] = {"200": ok}
        self.document["components"].pop("responses")
        self.assert_fault("neither a default nor a 4xx")

    def test_a_failure_must_be_a_problem_document(self):
        problem = self.document["components"]["responses"]["Problem"]
        problem["content"] = {"text/plain": {"schema": {"type": "string"}}}
        self.assert_fault("default", "problem+json")

    def test_an_example_must_fit_its_schema(self):
        for member, value, reason in (
            ("id", 7, "no string"), ("id", "X1", "does not match"), ("id", "T1234", "too many"),
            ("size", -1, "out of range"), ("size", 10, "out of range"), ("size", True, "no integer"),
            ("made", "yesterday", "RFC 3339"), ("colour", "red", "not allowed"),
        ):
            self.setUp()
            self.example[member] = value
            self.assert_fault("GET /v1/things/{id} 200", reason)

    def test_an_example_must_hold_what_is_required(self):
        del self.example["id"]
        self.assert_fault("lacks id")

    def test_a_json_body_must_have_an_example(self):
        del self.content["example"]
        self.assert_fault("has no example")

    def test_a_keyword_that_is_not_checked_must_not_be_used(self):
        self.document["components"]["schemas"]["Thing"]["minProperties"] = 1
        self.assert_fault("minProperties")

    def test_a_key_given_twice_is_refused(self):
        with self.assertRaises(yaml.YAMLError):
            yaml.load("a: 1\na: 2\n", Loader=check_openapi.TextLoader)


if __name__ == "__main__":
    unittest.main()
