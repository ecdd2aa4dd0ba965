"""The words beside a number that say what it is: a card's, an order's, a citizen's.

A word that stands right before a number and names something else (order, tracking, 주문번호, 订单号,
bestelnummer) speaks against a card; a word for cards near it speaks louder.
"""

from __future__ import annotations

import re
from typing import Final

BEFORE_CHARACTERS_MAX: Final = 40
AFTER_CHARACTERS_MAX: Final = 24
LABEL_CHARACTERS_MAX: Final = 48

# What is written in fours like a card is something else only by words that are never a card's.
_SURE: Final = """
    order orders tracking track trace trk trck parcel package shipment shipping consignment waybill awb
    invoice inv reference ref booking reservation serial imei iccid isbn ean gtin barcode voucher coupon
    ticket ord case
    주문 송장 운송장 접수 예약 일련 시리얼 택배 배송 바코드 쿠폰 등기 조회 추적 승인 문의 사건
    订单 订单编 单 流水 工单 运单 快递 快递单 物流 受理 参考 序列 条 条形 批次 包裹
"""
_SURE_DUTCH: Final = """
    bestel order kenmerk betalingskenmerk factuur zending pakket pakje referentie serie reservering boeking
    track tracking verzend vracht barcode ticket dossier klacht zaak melding
"""
_ENGLISH: Final = """
    bill receipt transaction trans txn tx trx confirmation imsi upc sku post tweet status message msg
    member membership customer client contract policy claim version build batch session request employee
    student licence license application queue loyalty points timestamp uuid guid id ups fedex dhl usps ems
    sf yt zto sto jd jt postnl dpd gls tid rma po pnr meter model part
"""
# Dutch puts words together: what begins so.
_DUTCH: Final = """
    kvk transactie klant polis contract aanvraag lid volg bon claim meter rol
    rekeningafschrift
"""
_KOREAN: Final = """
    사업자 법인 거래 고객 회원 증권 계약 참조 영수증 우편 발급 관리 신청 인증 청구 대기
    모델 제품 상품 학번 사번 가맹점 단말기 전표
"""
_CHINESE: Final = """
    群 交易 合同 保单 会员 客户 编 发票 票 商户 终端 受理 案件 投诉 申请 预约 排队 型 微博 学 工 税
    凭证 设备 商品 登记 执照 统一社会信用代
"""
_TAIL: Final = (
    r"[\s_-]{0,2}(?:numbers?|numm?er|num|code|id|no|nr|번호|코드|아이디|넘버|号码|编号|单号|号|码|單號|號碼|號)?"
    r"[\s.:#=№/|\-]{0,4}(?:is|was|are|of|van|voor|with|met|for|는|은|이|가|:|是|为|為)?"
    r"[\s.:#=№\"'(\[\-]{0,4}$"
)


def _label(words: str, beginnings: str) -> re.Pattern[str]:
    every = [
        *(rf"{one}\w{{0,12}}" for one in beginnings.split()),
        r"track ?(?:and|en|&) ?trace",
        *words.split(),
    ]
    return re.compile(rf"(?:(?<![a-z])|(?<=[0-9_]))(?:{'|'.join(every)}){_TAIL}", re.IGNORECASE)


_SURE_LABEL: Final = _label(_SURE, _SURE_DUTCH)
_LABEL: Final = _label(_SURE + _ENGLISH + _KOREAN + _CHINESE, _SURE_DUTCH + _DUTCH)
_LABEL_AFTER: Final = re.compile(
    r"[\s)\]\"',.(-]{0,3}"
    r"(?:(?:is|was|is my|is the|is mijn|is het|als|as|라는|이라는|이|是我的|是|这个|的)\s?)?"
    r"(?:(?:my|the|your|mijn|het|je|uw|제|我的)\s)?(?:order|tracking|invoice|reference|ticket|bestel|factuur"
    r"|kenmerk|track|주문\s?번호|송장|운송장|접수\s?번호|승인\s?번호|订单号?|单号|运单|快递|流水号)",
    re.IGNORECASE,
)
_CARD: Final = re.compile(
    r"card(?!i|o)|kaart|(?<![a-z])(?:bank|pin|betaal)?pas(?:je|nummer|nr)?(?![a-z])|visa(?![a-z])|master|maestro"
    r"|amex|american express|(?<![a-z])jcb|diners|discover|union\s?pay|(?<![a-z])pan(?![a-z])|cvv|cvc"
    r"|카드|비자|마스터|아멕스|银联|卡|유효\s?기간|有效期"
    r"|expir|(?<![a-z])exp(?![a-z])|vervalt|vervaldatum|geldig tot",
    re.IGNORECASE,
)


def names_another(plain: str, start: int, stop: int, *, surely: bool = False) -> bool:
    """Whether the words right before or behind say that the number is something else than a card's.

    `surely`: only by words that are never said of a card.
    """
    before = plain[max(0, start - LABEL_CHARACTERS_MAX) : start]
    if (_SURE_LABEL if surely else _LABEL).search(before):
        return True
    return _LABEL_AFTER.match(plain, stop, stop + AFTER_CHARACTERS_MAX) is not None


def speaks_of_cards(plain: str, start: int, stop: int) -> bool:
    """Whether a word for cards stands near."""
    begin = max(0, start - BEFORE_CHARACTERS_MAX)
    return bool(_CARD.search(plain, begin, start) or _CARD.search(plain, stop, stop + AFTER_CHARACTERS_MAX))
