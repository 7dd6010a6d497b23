/**
 * Customers and their payment methods on the wire: what a saved card needs.
 */
import type { Books } from './books.ts'
import { cardOfTestMethod } from './cards.ts'
import type { Customer, Method } from './entities.ts'
import { customerObject, methodObject } from './objects.ts'
import type { Params } from './params.ts'
import { invalid, missing } from './refusal.ts'
import { pageOf, type Route } from './route.ts'
import type { JsonObject } from './wire.ts'

function customerKnown(books: Books, id: string, param = 'id'): Customer {
  const customer = books.customers.get(id)
  if (customer === undefined || customer.deleted) throw missing('customer', id, param)
  return customer
}

function methodKnown(books: Books, id: string): Method {
  const method = books.methods.get(id)
  if (method === undefined) throw missing('PaymentMethod', id, 'payment_method')
  return method
}

function writeCustomer(customer: Customer, params: Params): void {
  const metadata = params.metadata(customer.metadata)
  const text = (name: 'name' | 'email' | 'description'): string | null =>
    params.has(name) ? params.text(name) : customer[name]
  const [name, email, description] = [text('name'), text('email'), text('description')]
  params.accept('phone', 'preferred_locales', 'payment_method', 'invoice_settings')
  params.finish()
  Object.assign(customer, { metadata, name, email, description })
}

function createMethod(books: Books, params: Params): JsonObject {
  const type = params.oneOf('type', ['card', 'card_present']) ?? 'card'
  const facts = params.sub('card')
  if (facts.has('number')) {
    throw invalid(
      'Sending credit card numbers directly to the API is unsafe. Use a test token such as tok_visa instead.',
      'card[number]',
    )
  }
  const token = facts.need('token')
  facts.finish()
  params.accept('billing_details')
  const metadata = params.metadata()
  params.finish()
  const card = cardOfTestMethod(token.replace(/^tok_/, 'pm_card_'))
  if (card === null) throw missing('token', token, 'card[token]')
  const method = books.addMethod(type, card)
  method.metadata = metadata
  return methodObject(method)
}

function listMethods(books: Books, params: Params, customer: string | null, path: string): JsonObject {
  const type = params.text('type')
  return pageOf(
    params,
    path,
    books.methods.values(),
    (method) => method.customer === customer && (type === null || method.type === type),
    methodObject,
  )
}

const show = (one: JsonObject, params: Params): JsonObject => {
  params.finish()
  return one
}

export const cardRoutes: readonly Route[] = [
  {
    method: 'POST',
    path: '/v1/customers',
    operation: 'customer',
    shows: 'customer',
    run(books, params) {
      const customer: Customer = {
        id: books.id('cus'),
        createdS: books.nowS(),
        name: null,
        email: null,
        description: null,
        metadata: {},
        deleted: false,
      }
      writeCustomer(customer, params)
      books.customers.set(customer.id, customer)
      return customerObject(customer)
    },
  },
  {
    method: 'GET',
    path: '/v1/customers',
    operation: 'customer',
    shows: 'customer',
    run(books, params, _, path) {
      const email = params.text('email')
      return pageOf(
        params,
        path,
        books.customers.values(),
        (one) => !one.deleted && (email === null || one.email === email),
        customerObject,
      )
    },
  },
  {
    method: 'GET',
    path: '/v1/customers/:id',
    operation: 'customer',
    shows: 'customer',
    run(books, params, id) {
      const customer = books.customers.get(id)
      if (customer === undefined) throw missing('customer', id)
      return show(customerObject(customer), params)
    },
  },
  {
    method: 'POST',
    path: '/v1/customers/:id',
    operation: 'customer',
    shows: 'customer',
    run(books, params, id) {
      const customer = customerKnown(books, id)
      writeCustomer(customer, params)
      return customerObject(customer)
    },
  },
  {
    method: 'DELETE',
    path: '/v1/customers/:id',
    operation: 'customer',
    shows: 'customer',
    run(books, params, id) {
      const customer = customerKnown(books, id)
      params.finish()
      for (const method of books.methods.values()) if (method.customer === id) books.detach(method)
      customer.deleted = true
      return customerObject(customer)
    },
  },
  {
    method: 'GET',
    path: '/v1/customers/:id/payment_methods',
    operation: 'paymentMethod',
    shows: 'payment_method',
    run: (books, params, id, path) => listMethods(books, params, customerKnown(books, id).id, path),
  },
  {
    method: 'POST',
    path: '/v1/payment_methods',
    operation: 'paymentMethod',
    shows: 'payment_method',
    run: createMethod,
  },
  {
    method: 'GET',
    path: '/v1/payment_methods',
    operation: 'paymentMethod',
    shows: 'payment_method',
    run: (books, params, _, path) =>
      listMethods(books, params, customerKnown(books, params.need('customer'), 'customer').id, path),
  },
  {
    method: 'GET',
    path: '/v1/payment_methods/:id',
    operation: 'paymentMethod',
    shows: 'payment_method',
    run: (books, params, id) => show(methodObject(methodKnown(books, id)), params),
  },
  {
    method: 'POST',
    path: '/v1/payment_methods/:id/attach',
    operation: 'paymentMethod',
    shows: 'payment_method',
    run(books, params, id) {
      const customer = customerKnown(books, params.need('customer'), 'customer')
      params.finish()
      const method = books.methodFor(id, 'payment_method')
      books.attach(method, customer.id)
      return methodObject(method)
    },
  },
  {
    method: 'POST',
    path: '/v1/payment_methods/:id/detach',
    operation: 'paymentMethod',
    shows: 'payment_method',
    run(books, params, id) {
      const method = methodKnown(books, id)
      params.finish()
      books.detach(method)
      return methodObject(method)
    },
  },
]
